"""Liveness asks nobody; readiness tells its reasons, and fails only where another server would do better."""

from __future__ import annotations

import datetime as dt
import threading
from threading import Event
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from sessions_app.views import health
from tests.conftest import Cast
from tests.doing import NINE, send_report
from tests.metrics.counting import Grown
from tests.views.conftest import browse


def ready() -> tuple[int, list[str]]:
    answer = browse().get("/readyz")
    return answer.status_code, answer.text.splitlines()


def fails(monkeypatch: pytest.MonkeyPatch, what: str, error: Exception) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(what, fail)


def test_a_process_that_lives_says_so_without_asking(cast: Cast) -> None:
    grown = Grown("leftoff_database_statements_")
    answer = browse().get("/livez")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert grown.by() == {}


def test_one_that_is_ready_says_how_late_the_work_is(cast: Cast) -> None:
    with time_machine.travel(NINE, tick=False):
        send_report(cast, "PlannerAgent", {})
    with time_machine.travel(NINE + dt.timedelta(seconds=12), tick=False):
        assert ready() == (
            200,
            [
                "ok",
                "database: answers",
                "workers: none was heard of",
                "jobs: none due, 0 failed",
                "intake: 1 waiting for up to 12 s",
            ],
        )


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("away"),
        PoolTimeout("none in 2.5 s"),
    ],
)
def test_without_the_database_it_is_not_ready(
    database: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fails(monkeypatch, "sessions_app.services.system.answers", error)
    said = "database: does not answer, or all connections of this process are in use"
    assert ready() == (503, ["not ready", said])


def test_a_database_that_is_frozen_is_given_up(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    thaw = Event()
    with monkeypatch.context() as frozen:
        frozen.setattr("sessions_app.db.asking.ANSWER_SECONDS", 0.1)
        frozen.setattr("sessions_app.services.system.answers", lambda: thaw.wait(20))
        assert [ready()[0] for _ in range(3)] == [503] * 3
        # Whoever asked while it was frozen waits no more; one thread does.
        assert [thread.name for thread in threading.enumerate()].count("asking") == 1
        thaw.set()
    assert ready()[0] == 200


def test_a_database_of_an_older_release_is_not_ready(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "missing_migrations", lambda _connection: 2)
    health._is_migrated.clear()
    status, said = ready()
    assert (status, said[2]) == (503, "migrations: 2 are missing, see manage.py migrate")
    monkeypatch.undo()
    assert ready()[0] == 200
    # Once it is of this release, its migrations are not read again.
    assert health._is_migrated.is_set()


def test_work_that_cannot_be_looked_at_fails_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is locked: it is given up after a moment."""
    fails(monkeypatch, "sessions_app.services.system.now", OperationalError("statement timeout"))
    assert ready() == (200, ["ok", "database: answers", "work: cannot be looked at just now"])


def test_a_redis_that_is_away_is_told_and_fails_nothing(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    assert ready()[1][-1] == "redis: answers"
    fails(monkeypatch, "sessions_app.views.health.cache.get", RedisError("away"))
    status, said = ready()
    assert (status, said[-1]) == (200, "redis: does not answer; pages find out by themselves")
