"""Access tokens of the trusted external issuer: judged by the keys it publishes, not by the database."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import time
from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings

from sessions_app import clock
from sessions_app.services.errors import Unavailable

logger = logging.getLogger(__name__)

# Asymmetric only: whoever can check such a token cannot make one.
ALGORITHMS = ("RS256", "ES256")
# No issuer's access token has a reason to be good for longer; one that ends in the year 9999 has none.
MOST_LIFE = dt.timedelta(days=1)
LEEWAY_SECONDS = 10
SUBJECT_MAX_CHARACTERS = 255

# The issuer's keys are kept for so long.
KEYS_SECONDS = 300
# A key that is not among them is asked for at most so often, whatever tokens name.
ASK_AGAIN_SECONDS = 10.0
TIMEOUT_SECONDS = 3
# After a failure nobody waits for the issuer for so long: one that hangs must not take all threads.
PAUSE_SECONDS = 5.0

_AWAY = "The issuer of this token cannot be asked for its keys just now. Try again in a moment."


@dataclass(frozen=True)
class Identity:
    """Whom a good token is about. `email` only where the issuer has verified it."""

    issuer: str
    subject: str
    email: str | None
    ends_at: dt.datetime


def read(token: str) -> Identity | None:
    """Whom a token of the external issuer is about; None for anything else, whatever it is.

    Raises Unavailable when the issuer's keys cannot be had: nobody knows then whether it is good.
    """
    if not settings.OIDC_ISSUER or not token.isascii():
        return None
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS or "crit" in header or not isinstance(header.get("kid"), str):
            return None
        # What could not be good anyway has nobody asked for keys.
        if _identity(jwt.decode(token, options={"verify_signature": False})) is None:
            return None
        key = _keys_at(settings.OIDC_JWKS_URL).get_signing_key(header["kid"])
        claims = jwt.decode(
            token,
            key,
            algorithms=[header["alg"]],
            audience=settings.OIDC_AUDIENCE,
            issuer=settings.OIDC_ISSUER,
            # Times are judged below, by the one clock.
            options={
                "require": ["iss", "aud", "sub", "exp"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return _identity(claims)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return None


def _identity(claims: dict[str, Any]) -> Identity | None:
    subject, email = claims.get("sub"), claims.get("email")
    ends_at = _end(claims)
    if claims.get("iss") != settings.OIDC_ISSUER or ends_at is None:
        return None
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX_CHARACTERS:
        return None
    if not subject.isprintable():
        return None
    is_verified = claims.get("email_verified") is True and isinstance(email, str)
    return Identity(settings.OIDC_ISSUER, subject, email if is_verified else None, ends_at)


def _end(claims: dict[str, Any]) -> dt.datetime | None:
    """When a token that is good now ends."""
    now = clock.now()
    ends, begins = _number(claims.get("exp")), _number(claims.get("nbf", claims.get("iat", 0)))
    if ends is None or begins is None:
        return None
    is_now = begins - LEEWAY_SECONDS <= now.timestamp() < ends
    if not is_now or ends > (now + MOST_LIFE).timestamp():
        return None
    return dt.datetime.fromtimestamp(ends, dt.UTC)


def _number(value: object) -> int | float | None:
    # By exact type: a text is no time, and a bool is an int to isinstance().
    return value if type(value) is int or type(value) is float else None


class _Keys(jwt.PyJWKClient):
    """The issuer's keys. Follows no redirect (PyJWT's own promise), and gives up soon."""

    failed_at = -PAUSE_SECONDS

    def fetch_data(self) -> Any:  # noqa: ANN401 -- PyJWT's
        """Ask the issuer. Raises Unavailable."""
        if time.monotonic() - self.failed_at < PAUSE_SECONDS:
            raise Unavailable(_AWAY)
        try:
            return super().fetch_data()
        except (jwt.PyJWTError, OSError, ValueError, RecursionError) as trouble:
            self.failed_at = time.monotonic()
            logger.warning("the external issuer's keys cannot be had: %s", trouble)
            raise Unavailable(_AWAY) from trouble


@functools.cache
def _keys_at(url: str) -> _Keys:
    return _Keys(url, lifespan=KEYS_SECONDS, timeout=TIMEOUT_SECONDS, cooldown_duration=ASK_AGAIN_SECONDS)
