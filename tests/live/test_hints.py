"""Hints between processes: one's own process is told at once, the others by the layer, everybody once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from sessions_app.live.hints import Hints, Listener
from sessions_app.live.layer import PostgresChannelLayer
from tests.live.conftest import SOON

# What listens begins by looking at everything.
ALL = (None, 0)

Heard = queue.SimpleQueue[tuple[UUID | None, int]]


@pytest.fixture
def layers(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thread is as a process of its own: it has its own layer."""
    own = threading.local()

    def layer() -> PostgresChannelLayer:
        if not hasattr(own, "layer"):
            own.layer = PostgresChannelLayer()
        return own.layer

    monkeypatch.setattr("sessions_app.live.hints.get_channel_layer", layer)


@contextmanager
def listening(heard: Heard, *others: Listener) -> Iterator[Hints]:
    """The hints of a process, once it listens; `others` are told first."""
    hints = Hints()
    for other in others:
        hints.subscribe(other)
    hints.subscribe(lambda project_id, version: heard.put((project_id, version)))
    try:
        assert heard.get(timeout=SOON) == ALL
        yield hints
    finally:
        hints.close()


@pytest.mark.usefixtures("layers")
def test_everybody_hears_once_and_ones_own_process_at_once() -> None:
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


@pytest.mark.usefixtures("layers")
def test_one_who_fails_costs_neither_who_sends_nor_who_else_listens() -> None:
    """And then everything is looked at: nobody knows what the one who failed has missed."""

    def fail(project_id: UUID | None, _version: int) -> None:
        if project_id:
            raise ZeroDivisionError

    first, second = (uuid4(), 1), (uuid4(), 2)
    mine = Heard()
    with listening(mine, fail) as here, listening(Heard()) as there:
        here.send(*first)
        assert mine.get_nowait() == first
        there.send(*second)
        assert mine.get(timeout=SOON) == second
        assert mine.get(timeout=SOON) == ALL


@pytest.mark.usefixtures("layers")
def test_where_no_thread_can_be_started_the_next_to_send_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    hints = Hints()
    try:
        with monkeypatch.context() as full:
            full.setattr(threading.Thread, "start", refuse)
            hints.send(uuid4())
        assert not hints.flush(timeout=0)
        hints.send(uuid4())
        assert hints.flush(timeout=SOON)
    finally:
        hints.close()
