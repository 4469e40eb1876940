"""What a process counted is kept each minute, and again when the database was away; refusals sooner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from threading import Event

import pytest
import time_machine
from django.db import OperationalError

from sessions_app import keeper as keeping
from sessions_app.db.rls import acting_as
from sessions_app.keeper import Keeper
from sessions_app.metrics.instruments import SESSIONS
from sessions_app.metrics.intake import Door, Refusal
from sessions_app.models import IntakeRefusal, MetricSample
from sessions_app.services import metric_samples, refusals
from tests.conftest import Cast
from tests.doing import NINE
from tests.metrics.counting import Grown

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NINE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def keeper(database: None, clock: time_machine.Traveller) -> Keeper:
    """One that counts from now on."""
    made = Keeper()
    made._meter.take()
    return made


def started() -> dict[dt.datetime, float]:
    """How many sessions were kept as started, by minute."""
    rows = MetricSample.objects.filter(metric="leftoff_sessions", labels="event=started")
    return {row.at: row.total for row in rows.filter(resolution="minute")}


def break_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_more: object) -> None:
        raise OperationalError("away")

    for what in (metric_samples, refusals):
        monkeypatch.setattr(what, "keep", away)
    monkeypatch.setattr("sessions_app.services.system.now", away)


def test_each_minute_is_kept_when_it_is_over(keeper: Keeper, clock: time_machine.Traveller) -> None:
    SESSIONS.labels("started").inc()
    keeper.flush()
    assert started() == {}
    clock.shift(MINUTE)
    keeper.flush()
    SESSIONS.labels("started").inc(2)
    clock.shift(MINUTE)
    keeper.flush()
    keeper.flush()
    assert started() == {NINE: 1, NINE + MINUTE: 2}
    # How the system stood is kept with it.
    read = MetricSample.objects.get(metric="leftoff_jobs_failed", at=NINE, resolution="minute")
    assert (read.total, read.observations) == (0, 1)


def test_the_end_of_a_process_keeps_what_it_has(keeper: Keeper) -> None:
    SESSIONS.labels("started").inc()
    keeper.flush(last=True)
    assert started() == {NINE: 1}


def test_an_end_in_a_hurry_keeps_nothing_and_waits_for_nothing(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even for what it keeps at that moment."""
    begun, let_go, flushed = Event(), Event(), []

    def flush(**more: bool) -> None:
        flushed.append(more)
        begun.set()
        let_go.wait(20)

    monkeypatch.setattr(keeping, "FLUSH_SECONDS", 0)
    monkeypatch.setattr(keeper, "flush", flush)
    keeper.start()
    assert begun.wait(20)
    keeper.stop(is_hurried=True)
    assert keeper._thread.is_alive()
    let_go.set()
    keeper._thread.join(20)
    assert flushed == [{}]


def test_a_database_that_is_away_loses_no_minute(
    keeper: Keeper, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        break_database(broken)
        for _ in range(3):
            SESSIONS.labels("started").inc()
            clock.shift(MINUTE)
            keeper.flush()
    assert started() == {}
    clock.shift(MINUTE)
    keeper.flush()
    assert started() == {NINE: 1, NINE + MINUTE: 1, NINE + 2 * MINUTE: 1}


def test_one_that_is_away_for_long_costs_the_detail_and_no_count(
    keeper: Keeper, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_MINUTES", 2)
    with monkeypatch.context() as broken:
        break_database(broken)
        for _ in range(6):
            SESSIONS.labels("started").inc()
            clock.shift(MINUTE)
            keeper.flush()
    keeper.flush(last=True)
    assert sum(started().values()) == 6
    assert len(started()) <= 3


def refused(cast: Cast, times: int = 1, **more: object) -> Refusal:
    given = {"user_id": cast.ann.id, "door": Door.AGENT, "reason": "too-large"} | more
    return Refusal(project_id=given.pop("project_id", cast.project.id), times=times, **given)


def told(cast: Cast) -> dict[tuple[dt.datetime, str, str], int]:
    """What Ann is told of Lighthouse."""
    with acting_as(cast.ann.id):
        rows = list(IntakeRefusal.objects.filter(project=cast.project))
    return {(row.hour, row.door, row.reason): row.times for row in rows}


def test_refusals_are_kept_by_hour_door_and_reason(
    cast: Cast, keeper: Keeper, clock: time_machine.Traveller
) -> None:
    for refusal in (
        refused(cast),
        refused(cast, times=3),
        refused(cast, user_id=None, door=Door.TRACK),
        refused(cast, door=Door.PAGE, reason="bad-value"),
        refused(cast, user_id=cast.vera.id, door=Door.TRACK, reason="bad-value"),
    ):
        keeper.add(refusal)
    assert told(cast) == {}
    keeper.flush()
    keeper.flush()
    expected = {(NINE, "reported", "too-large"): 5, (NINE, "tracked", "bad-value"): 2}
    assert told(cast) == expected
    clock.shift(dt.timedelta(minutes=70))
    keeper.add(refused(cast))
    keeper.flush()
    assert told(cast) == expected | {(NINE + dt.timedelta(hours=1), "reported", "too-large"): 1}


def test_nobody_writes_into_a_page_that_is_not_for_them(cast: Cast, keeper: Keeper) -> None:
    """Neither a stranger, nor anybody once the project is gone."""
    import uuid

    keeper.add(refused(cast, user_id=cast.zoe.id))
    keeper.add(refused(cast, project_id=uuid.uuid4()))
    keeper.add(refused(cast, project_id=cast.other.id, user_id=cast.ann.id))
    keeper.flush()
    assert told(cast) == {}
    with acting_as(cast.zoe.id):
        assert not IntakeRefusal.objects.exists()


def test_a_flood_of_refusals_is_few_rows_and_what_is_too_much_is_counted(
    cast: Cast, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_REFUSALS", 2)
    grown = Grown("leftoff_refusals_untold_")
    for _ in range(10_000):
        keeper.add(refused(cast))
    for reason in ("bad-value", "unreadable", "conflict"):
        keeper.add(refused(cast, reason=reason, times=2))
    keeper.flush()
    assert told(cast) == {(NINE, "reported", "too-large"): 10_000, (NINE, "reported", "bad-value"): 2}
    assert grown.by() == {("total",): 4}


def test_refusals_wait_for_a_database_that_is_away(
    cast: Cast, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.add(refused(cast))
    with monkeypatch.context() as broken:
        break_database(broken)
        keeper.flush()
    keeper.add(refused(cast))
    keeper.flush()
    assert told(cast) == {(NINE, "reported", "too-large"): 2}
