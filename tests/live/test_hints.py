"""Hints between processes: one's own process is told at once, the others by the layer, everybody once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from sessions_app.live.hints import Hints
from sessions_app.live.layer import PostgresChannelLayer

SOON = 5.0
# What listens begins by looking at everything.
ALL = (None, 0)

Heard = queue.SimpleQueue[tuple[UUID | None, int]]


@contextmanager
def listening(heard: Heard) -> Iterator[Hints]:
    """The hints of a process, once it listens."""
    hints = Hints()
    hints.subscribe(lambda project_id, version: heard.put((project_id, version)))
    try:
        assert heard.get(timeout=SOON) == ALL
        yield hints
    finally:
        hints.close()


def test_everybody_hears_once_and_ones_own_process_at_once(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = threading.local()

    def layer() -> PostgresChannelLayer:
        if not hasattr(own, "layer"):
            own.layer = PostgresChannelLayer()
        return own.layer

    monkeypatch.setattr("sessions_app.live.hints.get_channel_layer", layer)
    first, second = (uuid4(), 1), (uuid4(), 2)
    mine, theirs = Heard(), Heard()
    with listening(mine) as here, listening(theirs) as there:
        here.send(*first)
        assert mine.get_nowait() == first
        assert theirs.get(timeout=SOON) == first
        # What comes over the layer comes in order: what one said oneself would have come before this.
        there.send(*second)
        assert theirs.get_nowait() == second
        assert mine.get(timeout=SOON) == second
    assert mine.empty()
    assert theirs.empty()
