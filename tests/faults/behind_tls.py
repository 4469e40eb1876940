"""The product as a proxy that speaks TLS reaches it: each request says by which address and from whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.faults import answers
from tests.faults.answers import Answer
from tests.faults.figures import METRICS_TOKEN
from tests.faults.product import Product

HOST = "leftoff.example.org"
HOME = f"https://{HOST}"
SETTINGS = {
    "BASE_URL": HOME,
    "TRUST_PROXY_TLS_HEADER": "1",
    "TRUSTED_PROXY_COUNT": "1",
    "METRICS_TOKEN": METRICS_TOKEN,
    "CORS_ALLOWED_ORIGINS": "https://front.example.org",
}
BY_TLS = "X-Forwarded-Proto: https"


@dataclass
class Visitor:
    """Somebody's browser or program behind the proxy."""

    product: Product
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "192.0.2.1"

    def ask(self, line: str, *headers: str, body: str = "", host: str = HOST) -> Answer:
        """Ask, and keep the cookies one gets."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        more = [f"Cookie: {cookies}"] if cookies else []
        passed_on = (BY_TLS, f"X-Forwarded-For: {self.address}", *more, *headers)
        answer = answers.ask(self.product.web.port, line, *passed_on, host=host, body=body)
        for cookie in answer.headers.get("set-cookie", []):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer
