"""People's access tokens: short-lived JWTs that say which sign-in they are of, and nothing that decides."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings

from sessions_app import clock

ALGORITHM = "HS256"
AUDIENCE = "leftoff"
KIND = "access"
# Two machines of ours may not quite agree on when a token was made; when it ends is as it says.
LEEWAY_SECONDS = 10
# None of ours is a quarter as long; what is longer is not even looked at.
MOST_CHARACTERS = 4096


@dataclass(frozen=True)
class Claims:
    """What a good token says."""

    user_id: UUID
    sign_in_id: UUID
    ends_at: dt.datetime


def issue(user_id: UUID, sign_in_id: UUID) -> tuple[str, int]:
    """A token of this sign-in, and for how many seconds it is good."""
    now, seconds = clock.now(), settings.API_ACCESS_MINUTES * 60
    claims = {
        "iss": settings.BASE_URL,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "sid": str(sign_in_id),
        "jti": str(uuid.uuid4()),
        "typ": KIND,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + seconds,
    }
    return jwt.encode(claims, _key(), algorithm=ALGORITHM), seconds


def read(token: str) -> Claims | None:
    """What a token of ours says; None for anything else, whatever it is."""
    if len(token) > MOST_CHARACTERS or not token.isascii():
        return None
    try:
        header = jwt.get_unverified_header(token)
        # No key is looked up by what a token says, and nothing it calls critical is known here.
        if header.keys() - {"alg", "typ"}:
            return None
        claims = jwt.decode(
            token,
            _key(),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=settings.BASE_URL,
            options={
                "require": ["iss", "aud", "sub", "sid", "jti", "iat", "exp"],
                # Judged below, by the one clock.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return _claims(claims)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return None


def _claims(claims: dict[str, Any]) -> Claims | None:
    issued, ends = claims["iat"], claims["exp"]
    # By exact type: PyJWT would take a text, and a bool is an int to isinstance().
    if type(issued) is not int or type(ends) is not int or claims.get("typ") != KIND or "nbf" in claims:
        return None
    now = int(clock.now().timestamp())
    is_now = issued - LEEWAY_SECONDS <= now < ends
    if not is_now or ends - issued > settings.API_ACCESS_MINUTES * 60:
        return None
    # PyJWT looks at its own names only.
    return Claims(UUID(claims["sub"]), UUID(str(claims["sid"])), dt.datetime.fromtimestamp(ends, dt.UTC))


def _key() -> bytes:
    return hashlib.sha256(f"access tokens\0{settings.SECRET_KEY}".encode()).digest()
