"""Texts that one server process has drawn and another needs: by way of Redis, where there is one.

A text is found by all that it depends on (panels/shared.py), and by the code that drew it: two releases that
run beside each other share nothing. So it is never stale, and it is kept for a moment only. It is sealed, for
what people wrote is not Redis's to read, nor to change. A Redis that is away costs a moment every few
seconds, and that panels are drawn here.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
from collections.abc import Hashable
from typing import cast

import redis
from cryptography.fernet import InvalidToken
from django.conf import settings

from sessions_app.db.trouble import Rest
from sessions_app.panels.texts import Text
from sessions_app.sealing import seal, unseal

logger = logging.getLogger(__name__)

EXPIRE_SECONDS = 30
# To wait longer would take as long as to draw.
ANSWER_SECONDS = 0.1
REST_SECONDS = 5.0
PURPOSE = "drawn panels"
# What draws a panel.
_CODE = (("templates", "*.html"), ("sessions_app", "*.py"), ("sessions_app", "*.sql"))

_rest = Rest(REST_SECONDS, logger)


def get(key: Hashable) -> Text | None:
    """The text that another process has drawn; None: there is none, or no Redis."""
    if not (settings.REDIS_URL and _rest.is_over()):
        return None
    try:
        sealed = cast(bytes | None, _redis(settings.REDIS_URL).get(_name(key)))
        _rest.end()
        return Text.of_told(json.loads(unseal(sealed.decode(), PURPOSE))) if sealed else None
    except redis.RedisError as trouble:
        _rest.begin(trouble, "drawn panels cannot be shared now (each process draws its own)")
    except InvalidToken:
        logger.warning("a drawn panel cannot be read: is SECRET_KEY the same everywhere?")
    return None


def put(key: Hashable, text: Text) -> None:
    """Let other processes have it."""
    if not (settings.REDIS_URL and _rest.is_over()):
        return
    try:
        sealed = seal(json.dumps(text.told()), PURPOSE)
        _redis(settings.REDIS_URL).set(_name(key), sealed, ex=EXPIRE_SECONDS)
        _rest.end()
    except redis.RedisError as trouble:
        _rest.begin(trouble, "drawn panels cannot be shared now (each process draws its own)")


@functools.cache
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS)


def _name(key: Hashable) -> str:
    """What it is called there: tells of nothing but itself."""
    found = hashlib.sha256(f"{_code()}\0{settings.SECRET_KEY}\0{key!r}".encode())
    return f"leftoff:drawn:{found.hexdigest()}"


@functools.cache
def _code() -> str:
    found = hashlib.sha256()
    for folder, pattern in _CODE:
        for path in sorted((settings.BASE_DIR / folder).rglob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()
