"""An external issuer on this machine: it has keys, publishes them, and makes access tokens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from sessions_app import clock

ISSUER, AUDIENCE = "https://people.example.org/", "leftoff-api"


@dataclass
class Issuer:
    """Its keys by their ids, and what it was asked."""

    url: str = ""
    keys: dict[str, Any] = field(default_factory=dict)
    # What it answers instead of its keys: a status, headers and a body.
    answers: tuple[int, dict[str, str], bytes] | None = None
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    # Called while somebody waits for its keys.
    meanwhile: Callable[[], None] = lambda: None

    def add_key(self, kid: str, kind: str = "RS256") -> None:
        """Make and publish a key."""
        self.keys[kid] = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048)
            if kind == "RS256"
            else ec.generate_private_key(ec.SECP256R1())
        )

    def published(self) -> dict[str, Any]:
        """Its JWKS."""
        shown = []
        for kid, key in self.keys.items():
            how = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
            shown.append({**how.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"})
        return {"keys": shown}

    def token(self, kid: str = "first", **change: Any) -> str:
        """An access token about Ann, good now; `...` leaves a claim out."""
        now = int(clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "ann-there",
            "iat": now,
            "exp": now + 600,
            "email": "Ann@example.org",
            "email_verified": True,
        } | change
        key = self.keys[kid]
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not ...},
            key,
            algorithm="RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256",
            headers={"kid": kid},
        )


@contextmanager
def serving() -> Iterator[Issuer]:
    """An issuer with one key, until the block ends."""
    issuer = Issuer()
    issuer.add_key("first")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            issuer.meanwhile()
            time.sleep(issuer.seconds)
            status, headers, body = issuer.answers or (200, {}, json.dumps(issuer.published()).encode())
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Not in the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_port}/keys"
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
