"""Waiting for what happens by itself."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(happened: Callable[[], object], seconds: float = 20, *, step: float = 0.1) -> float:
    """Look again every `step` seconds; returns how many it took, fails when it takes longer than it may."""
    started = time.monotonic()
    while not happened():
        assert time.monotonic() - started < seconds, "it did not happen in time"
        time.sleep(step)
    return time.monotonic() - started
