"""How often something may be done: counted in windows of time, by the cache."""

from __future__ import annotations

import time

from django.core.cache import cache

from sessions_app.services.errors import TooMany


def count(what: str, *, most: int, seconds: int) -> None:
    """Count one more `what`, of which there may be so many in each window of so many seconds.

    With REDIS_URL all server processes count together; without, each for itself. Raises TooMany; Redis's
    own errors when it is away.
    """
    window, into = divmod(time.time(), seconds)
    key = f"limit:{what}:{int(window)}"
    cache.add(key, 0, timeout=2 * seconds)
    try:
        done = cache.incr(key)
    except ValueError:
        # Thrown out between the two lines: the window begins anew.
        done = 1
    if done > most:
        raise TooMany(int(seconds - into) + 1)
