"""What is counted beside requests: sessions, jobs, pushes, hints."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from procrastinate.exceptions import JobAborted

from sessions_app.db.rls import acting_as
from sessions_app.jobs.job import Overdue, _Limit
from sessions_app.live import hints as live_hints
from sessions_app.live.frames import Frame, Frames
from sessions_app.live.hints import Hints
from sessions_app.live.holdings import UNKNOWN, Holdings
from sessions_app.live.place import Version
from sessions_app.live.rights import Right
from sessions_app.live.rooms import Lack
from sessions_app.metrics.instruments import WORKER_REGISTRY
from sessions_app.services import sessions
from tests.conftest import Cast
from tests.metrics.counting import Grown


def test_a_session_counts_once_it_is_committed(cast: Cast) -> None:
    grown = Grown("leftoff_sessions_")
    who = (cast.ann.id, cast.project.id)
    with acting_as(cast.ann.id):
        sessions.start_session(*who)
        assert grown.by() == {}
    with acting_as(cast.ann.id):
        sessions.start_session(*who, resume=True)
        sessions.start_session(*who)
    assert grown.by() == {("total", "started"): 2, ("total", "ended"): 1}
    with acting_as(cast.ann.id):
        sessions.end_session(*who)
        transaction.set_rollback(True)
    assert grown.by()["total", "ended"] == 1


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "done"), (ValueError("x"), "failed"), (Overdue("x"), "overdue")]
)
def test_a_job_counts_by_how_it_ended(error: Exception | None, outcome: str) -> None:
    def work() -> None:
        if error:
            raise error

    name = f"tests.{outcome}"
    assert _run(work, name, should_abort=False) is (type(error) if error else None)
    labels = {"task": name, "outcome": outcome}
    assert WORKER_REGISTRY.get_sample_value("leftoff_jobs_total", labels) == 1
    assert WORKER_REGISTRY.get_sample_value("leftoff_job_seconds_count", {"task": name}) == 1


def test_a_job_that_is_left_to_the_next_worker_was_stopped() -> None:
    assert _run(lambda: time.sleep(0.05), "tests.stopped", should_abort=True) is JobAborted
    labels = {"task": "tests.stopped", "outcome": "stopped"}
    assert WORKER_REGISTRY.get_sample_value("leftoff_jobs_total", labels) == 1


def _run(work: Any, name: str, *, should_abort: bool) -> type[BaseException] | None:
    """Run a job as its worker does; returns what kind of error it ended with."""
    context = SimpleNamespace(job=SimpleNamespace(id=1, task_name=name), should_abort=lambda: should_abort)
    try:
        _Limit(30)(work, context, None)  # type: ignore[arg-type]
    except (ValueError, Overdue, JobAborted) as ended:
        return type(ended)
    return None


def test_a_push_counts_from_the_hint_that_it_follows() -> None:
    async def push(_frame: Frame) -> None:
        """A socket that takes what it is given."""

    grown = Grown("leftoff_push_seconds_")
    socket: Any = SimpleNamespace(push=push, here="", holding=UNKNOWN)
    for hinted_at in (time.monotonic(), None):
        lack = Lack(Right(0, "owner", Version(1, 1)), frozenset({"stats"}), "", "", hinted_at)
        frame = lack.frame(Frames("0a", Holdings()), Version(2, 1), {"stats": "<p></p>"}, {}, socket)
        asyncio.run(lack.push(socket, frame))
    assert grown.by()["count",] == 1


def test_a_hint_that_cannot_be_sent_is_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise ConnectionError("away")

    # What the cast left in this process's own.
    assert live_hints.hints.flush(10)
    grown = Grown("leftoff_hints_dropped_")
    monkeypatch.setattr("sessions_app.live.hints.get_channel_layer", away)
    hints = Hints()
    hints.send(cast.project.id, 3)
    assert hints.flush(10)
    hints.close()
    assert grown.by() == {("total",): 1}
