"""The server's clock, the only one; the demo's story and some tests set it to another moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_moment: ContextVar[dt.datetime | None] = ContextVar("clock", default=None)


def now() -> dt.datetime:
    """The present moment, in UTC."""
    return _moment.get() or timezone.now()


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Let it be `moment` (time-zone aware) inside the block, for this thread."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
