"""A person at their browser, over HTTP."""

from __future__ import annotations

import http.client
import urllib.parse
from dataclasses import dataclass, field


@dataclass
class Person:
    """A signed-in browser's HTTP side: one connection, kept alive, never following by itself."""

    id: str
    cookies: dict[str, str]
    port: int
    timeout: float = 20.0
    # The same person's program has this one, for a quarter of an hour.
    bearer: str = ""
    connection: http.client.HTTPConnection | None = None
    # Those of the last answer, names in lower case.
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str) -> tuple[int, str]:
        return self._request("GET", path, None)

    def post(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        if "csrftoken" not in self.cookies:
            # Any page with a form gives the token; this one is no project's.
            assert self.get("/profile/")[0] == 200
        fields = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **(form or {})}
        return self._request("POST", path, urllib.parse.urlencode(fields))

    def at(self, port: int) -> Person:
        """The same person's browser at another server process."""
        return Person(self.id, dict(self.cookies), port, self.timeout, self.bearer)

    def _request(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Cookie": self.cookie_header(), "Host": f"127.0.0.1:{self.port}"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base}
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        return response.status, text

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
