"""What is no access token of ours (case L01), however much it looks like one."""

from __future__ import annotations

import base64
import hmac
import json
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: object, claims: object, secret: bytes) -> str:
    """A token as no library would make it."""
    said = f"{part(header)}.{part(claims)}"
    how = "sha512" if isinstance(header, dict) and header["alg"] == "HS512" else "sha256"
    return f"{said}.{part(hmac.digest(secret, said.encode(), how))}"


def said_by(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims of a token, whoever signed it."""
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def forgeries(good: str, key: bytes, other: str) -> dict[str, str]:
    """Tokens that say what a good one says, and are not good.

    Args:
        good: an access token that is.
        key: with which it is signed: whoever forges knows even that.
        other: the id of somebody else.
    """
    header, claims = said_by(good)
    _, body, signature = good.split(".")
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = rsa_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def signed(change: dict[str, Any], secret: bytes = key, **headers: Any) -> str:
        said = {name: value for name, value in (claims | change).items() if value is not ...}
        return by_hand(header | headers, said, secret)

    now = claims["iat"]
    return {
        "alg none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "alg None": f"{part({'alg': 'None', 'typ': 'JWT'})}.{body}.",
        "alg none, signed": f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.{signature}",
        "no signature": f"{part(header)}.{body}.",
        "other key": signed({}, b"another key that is long enough for it"),
        "public key as secret": signed({}, pem),
        "RS256": jwt.encode(claims, rsa_key, algorithm="RS256"),
        "RS256, signed as HS256": signed({}, alg="RS256"),
        "HS512": signed({}, alg="HS512"),
        "kid path": signed({}, kid="../../../../dev/null"),
        "jku": signed({}, jku="https://evil.example/keys"),
        "jwk": signed({}, jwk={"kty": "oct", "k": part(b"mine")}),
        "unknown crit": signed({}, crit=["exp"]),
        "no exp": signed({"exp": ...}),
        "exp as text": signed({"exp": str(claims["exp"])}),
        "exp true": signed({"exp": True}),
        "exp in 9999": signed({"exp": 253_370_764_800}),
        "exp huge": signed({"exp": 10**400}),
        "exp past": signed({"iat": now - 2000, "exp": now - 1000}),
        "longer than ours": signed({"exp": now + 15 * 60 + 1}),
        "iat ahead": signed({"iat": now + 3600, "exp": now + 4000}),
        "iat as text": signed({"iat": str(now)}),
        "no iat": signed({"iat": ...}),
        "nbf ahead": signed({"nbf": now + 600}),
        "wrong iss": signed({"iss": "https://evil.example"}),
        "no iss": signed({"iss": ...}),
        "iss in a list": signed({"iss": [claims["iss"]]}),
        "wrong aud": signed({"aud": "another"}),
        "no aud": signed({"aud": ...}),
        "no sub": signed({"sub": ...}),
        "sub of another": signed({"sub": other}),
        "sub is no id": signed({"sub": "ann"}),
        "no sid": signed({"sid": ...}),
        "sid is a number": signed({"sid": 7}),
        "sid is a list": signed({"sid": []}),
        "sid of nobody": signed({"sid": str(uuid.uuid4())}),
        "another kind": signed({"typ": "refresh"}),
        "no kind": signed({"typ": ...}),
        "claims are a list": by_hand(header, [], key),
        "claims are no JSON": by_hand(header, b"{", key),
        "claims are deep": by_hand(header, b"[" * 2000, key),
        "header is deep": f"{part(b'[' * 2900)}.{body}.{signature}",
        "changed": f"{part(header)}.{part(claims | {'sub': other})}.{signature}",
        "5 MB": good + "x" * 5_000_000,
        "5 MB of dots": "." * 5_000_000,
        "not ASCII": good[:-1] + "é",
        "half a pair": "half \ud800 a pair",
        "nul": "nul \x00",
        "two parts": ".".join(good.split(".")[:2]),
        "four parts": f"{good}.x",
        "empty": "",
    }
