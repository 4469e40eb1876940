"""How often something may be done: counted in windows of time, by Redis or by each process for itself."""

from __future__ import annotations

import functools
import logging
import threading
import time
from uuid import UUID

from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.base import BaseCache
from redis.exceptions import RedisError

from sessions_app.services.errors import TooMany

logger = logging.getLogger(__name__)

# In a request's ASGI scope: its call is counted already.
COUNTED = "leftoff.counted"
# Files of a person's that may be as large as all they ever did.
EXPORTS_A_MINUTE = 10


def caller_name(user_id: UUID | str) -> str:
    """What a person's calls are counted under."""
    return f"user:{user_id}"


def count_call(caller: str) -> None:
    """Count one call of a program, by the API or by MCP. Raises TooMany past API_CALLS_PER_MINUTE."""
    _count_if_possible(f"api-calls:{caller}", settings.API_CALLS_PER_MINUTE)


def count_export(user_id: UUID) -> None:
    """Count one file that a person takes along. Raises TooMany past EXPORTS_A_MINUTE."""
    _count_if_possible(f"exports:{user_id}", EXPORTS_A_MINUTE)


def _count_if_possible(what: str, most_a_minute: int) -> None:
    """A Redis that is away counts nothing: it must not keep anybody from working."""
    try:
        count(what, most=most_a_minute, seconds=60)
    except RedisError as trouble:
        logger.warning("calls cannot be counted now: %s", trouble)


def count(what: str, *, most: int, seconds: int) -> None:
    """Count one more `what`, of which there may be so many in each window of so many seconds.

    With REDIS_URL all server processes count together; without, each for itself. Raises TooMany; Redis's
    own errors when it is away.
    """
    window, into = divmod(time.time(), seconds)
    counted = _by_all if settings.REDIS_URL else HERE.counted
    if counted(what, int(window), seconds) > most:
        raise TooMany(int(seconds - into) + 1)


def _by_all(what: str, window: int, seconds: int) -> int:
    """Count it in Redis; returns how many it makes in this window."""
    key = f"limit:{what}:{window}"
    try:
        return _incremented(key)
    except ValueError:
        # The window begins. Of two who find that at once the second adds nothing, and counts on.
        return 1 if _counts().add(key, 1, timeout=2 * seconds) else _counted_on(key)


def _counted_on(key: str) -> int:
    try:
        return _incremented(key)
    except ValueError:
        # Thrown out between the two lines.
        return 1


def _incremented(key: str) -> int:
    return int(_counts().incr(key))


@functools.cache
def _counts() -> BaseCache:
    """Where it is counted, by all threads: of Django's own name for it each request has one made anew."""
    return caches.create_connection(DEFAULT_CACHE_ALIAS)


class Here:
    """What this process counted, by all threads, in the window of each length that is not over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By the window's length in seconds: its number, and how many there were of each in it.
        self._windows: dict[int, tuple[int, dict[str, int]]] = {}

    def counted(self, what: str, window: int, seconds: int) -> int:
        """Count it; returns how many it makes in this window."""
        with self._lock:
            number, counts = self._windows.get(seconds, (window, {}))
            if number != window:
                counts = {}
            counts[what] = many = counts.get(what, 0) + 1
            self._windows[seconds] = window, counts
            return many

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self._windows.clear()


HERE = Here()
