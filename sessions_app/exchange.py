"""What one server process has made and another needs: by way of Redis, where there is one.

It is found by all that it depends on, its key, and by the code that made it: two releases that run beside
each other share nothing. So it is never stale, and it is kept for a moment only. It is sealed, for what
people wrote is not Redis's to read, nor to change. A Redis that is away costs a moment every few seconds,
and that each process makes its own.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import redis
from cryptography.fernet import InvalidToken
from django.conf import settings

from sessions_app.db.trouble import Rest
from sessions_app.sealing import seal, unseal

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

EXPIRE_SECONDS = 30
# To wait longer would take as long as to make it.
ANSWER_SECONDS = 0.1
REST_SECONDS = 5.0
# What makes it.
_CODE = (("templates", "*.html"), ("sessions_app", "*.py"), ("sessions_app", "*.sql"))

_rest = Rest(REST_SECONDS, logger)


@dataclass(frozen=True, slots=True)
class Made(Generic[Value]):
    """What another process has made, as JSON has it, and how many seconds ago it was put there."""

    value: Value
    age: float


def get(purpose: str, key: Hashable) -> Made[Any] | None:
    """What another process has made for this purpose; None: nothing, or no Redis."""
    if not (settings.REDIS_URL and _rest.is_over()):
        return None
    name = _name(purpose, key)
    try:
        asked = _redis(settings.REDIS_URL).pipeline(transaction=False)
        asked.get(name)
        asked.pttl(name)
        sealed, left_ms = asked.execute()
        _rest.end()
        # By Redis's clock alone. Where it ended between the two, it is as old as it may be.
        age = EXPIRE_SECONDS - max(0, left_ms) / 1000
        return Made(json.loads(unseal(sealed.decode(), purpose)), age) if sealed else None
    except redis.RedisError as trouble:
        _begin_rest(trouble)
    except InvalidToken:
        logger.warning("what another process made cannot be read: is SECRET_KEY the same everywhere?")
    return None


def put(purpose: str, key: Hashable, tell: Callable[[], object]) -> None:
    """Let other processes have what `tell` returns, which JSON can tell; it is not called without a Redis."""
    if not (settings.REDIS_URL and _rest.is_over()):
        return
    try:
        sealed = seal(json.dumps(tell()), purpose)
        _redis(settings.REDIS_URL).set(_name(purpose, key), sealed, ex=EXPIRE_SECONDS)
        _rest.end()
    except redis.RedisError as trouble:
        _begin_rest(trouble)


def _begin_rest(trouble: redis.RedisError) -> None:
    _rest.begin(trouble, "processes share nothing they made now (each makes its own)")


@functools.cache
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS)


def _name(purpose: str, key: Hashable) -> str:
    """What it is called there: tells of nothing but itself."""
    found = hashlib.sha256(f"{_code()}\0{settings.SECRET_KEY}\0{purpose}\0{key!r}".encode())
    return f"leftoff:made:{found.hexdigest()}"


@functools.cache
def _code() -> str:
    found = hashlib.sha256()
    for folder, pattern in _CODE:
        for path in sorted((settings.BASE_DIR / folder).rglob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()
