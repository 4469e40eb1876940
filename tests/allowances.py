"""How often something may be done is counted in this process: a test's own allowance begins with the test."""

from __future__ import annotations

import time

from django.core.cache import cache

from sessions_app.services import limits


def begin_anew() -> None:
    """Forget what was counted: by us, and by allauth in the cache.

    The windows begin now: else one would end in the middle of a test, now and then.
    """
    began = time.monotonic()
    limits.HERE = limits.Here(lambda: time.monotonic() - began)
    cache.clear()
