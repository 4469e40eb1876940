"""How often something may be done: counted in windows of time, by Redis or by each process for itself."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
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
# In one window of one process, some 20 MB: whoever tries to sign in as anybody at all fills no more.
MOST_COUNTED = 100_000


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
    counted = _by_all if settings.REDIS_URL else HERE.counted
    many, left = counted(what, seconds)
    if many > most:
        raise TooMany(int(left) + 1)


def _by_all(what: str, seconds: int) -> tuple[int, float]:
    """Count it in Redis; returns how many it makes in this window, and how many seconds are left of it."""
    window, into = divmod(time.time(), seconds)
    key = f"limit:{what}:{int(window)}"
    try:
        many = _incremented(key)
    except ValueError:
        # The window begins. Of two who find that at once the second adds nothing, and counts on.
        many = 1 if _counts().add(key, 1, timeout=2 * seconds) else _counted_on(key)
    return many, seconds - into


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

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # One that nobody sets back: a window that is over begins no second time.
        self._clock = clock
        self._lock = threading.Lock()
        # By the window's length in seconds.
        self._windows: dict[int, _Window] = {}

    def counted(self, what: str, seconds: int) -> tuple[int, float]:
        """Count it; returns how many it makes in this window, and how many seconds are left of it."""
        with self._lock:
            # Read by whoever's turn it is: read before, it could be of the last window.
            now = self._clock()
            window = self._windows.get(seconds)
            if window is None or window.ends_at <= now:
                self._windows = {each: of for each, of in self._windows.items() if of.ends_at > now}
                window = self._windows[seconds] = _Window((now // seconds + 1) * seconds)
            return window.counted(what), window.ends_at - now


class _Window:
    """How many there were of each until it ends; who was quiet longest is forgotten where too many are."""

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self._counts: OrderedDict[str, int] = OrderedDict()

    def counted(self, what: str) -> int:
        counts = self._counts
        counts[what] = many = counts.get(what, 0) + 1
        counts.move_to_end(what)
        if len(counts) > MOST_COUNTED:
            counts.popitem(last=False)
        return many


HERE = Here()
