"""A month of a million tracked rows, pruned whole beside row by row; and a table that turns to months."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connections

from sessions_app import clock
from sessions_app.services import partitions, retention
from tests.benchmarks.goals import Goals
from tests.db.tools import connect, owner_rows
from tests.scratch import scratch

ROWS, PROJECTS = 1_000_000, 200
# J01: a migration holds up nobody for longer.
LONGEST_WAIT_SECONDS = 1

PEOPLE = f"""
insert into users
  (id, email, display_name, time_zone, hides_agents, is_staff, is_superuser, is_active, created_at, password)
select gen_random_uuid(), 'person' || n || '@example.org', 'Person ' || n, 'UTC', false, false, false, true,
  now(), ''
from generate_series(1, {PROJECTS}) as n;
insert into projects (id, title, created_by_id, created_at, updated_at)
select gen_random_uuid(), 'Project ' || row_number() over (), u.id, now(), now() from users u;
create table places as select row_number() over () - 1 as n, id, created_by_id from projects;
analyze places;
"""
# Neighbours in time are of different projects.
FILL = f"""
insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at, digested_at)
select p.id, p.created_by_id, 'typed', '{{"key": "a"}}', 1,
  %(since)s + s * (%(until)s - %(since)s) / ({ROWS} + 1), now()
from generate_series(1, {ROWS}) as s
join places p on p.n = (s * 7919::bigint) %% {PROJECTS}
"""
WRITE = """
insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at)
select id, created_by_id, 'typed', '{}', 1, now() from projects limit 1
"""


@pytest.fixture
def apart(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A database of its own, with people and projects."""
    with django_db_blocker.unblock(), scratch(connections["owner"].settings_dict["NAME"]):
        with connect("owner") as owner:
            owner.execute(PEOPLE)
        yield


def fill(since: dt.datetime, until: dt.datetime) -> None:
    with connect("owner") as owner:
        owner.execute(FILL, {"since": since, "until": until})
        owner.execute("vacuum (analyze) tracked_activities")


@contextmanager
def writing() -> Iterator[list[float]]:
    """Somebody who writes into the table beside the block; how long each write took, in seconds."""
    took: list[float] = []
    stop = threading.Event()

    def write() -> None:
        with connect("owner") as line:
            while not stop.is_set():
                began = time.perf_counter()
                line.execute(WRITE)
                took.append(time.perf_counter() - began)
                stop.wait(0.002)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(write)
        try:
            yield took
        finally:
            stop.set()


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_a_month_is_pruned(apart: None, goals: Goals, monkeypatch: pytest.MonkeyPatch) -> None:
    (since, until), *_ = owner_rows(
        "select since, until from partitions_kept() where since is not null order by since"
    )
    pruned: list[int] = []

    def prune() -> None:
        with clock.at(until + dt.timedelta(days=366)):
            pruned.append(sum(rows for _, rows in retention.prune(365)))

    fill(since, until)
    with monkeypatch.context() as patch, writing() as waits_of_deletes:
        patch.setattr(partitions, "drop_old", lambda *_, **__: iter(()))
        by_rows = timed(prune)
    fill(since, until)
    with writing() as waits_of_drop:
        as_whole = timed(prune)
    # As a whole they are not counted one by one.
    assert pruned == [ROWS, pytest.approx(ROWS, rel=0.1)]
    goals.figure("growth", "prune 1,000,000 rows of a month, row by row", by_rows, "s")
    goals.figure("growth", "prune 1,000,000 rows of a month, as a whole", as_whole, "s")
    goals.at_least("growth", "prune a month: as a whole beside row by row", by_rows / as_whole, 10, "x")
    goals.figure("growth", "slowest insert while rows are deleted", max(waits_of_deletes) * 1000, "ms")
    goals.figure("growth", "slowest insert while a month is dropped", max(waits_of_drop) * 1000, "ms")


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_a_table_comes_to_be_kept_by_months(apart: None, goals: Goals) -> None:
    call_command("migrate", "sessions_app", "0010_answer_state", verbosity=0, skip_checks=True)
    now = clock.now()
    fill(now - dt.timedelta(days=30), now)
    with writing() as waits:
        took = timed(lambda: call_command("migrate", "sessions_app", verbosity=0, skip_checks=True))
    goals.figure("growth", "1,000,000 rows come to be kept by months, migrated", took, "s")
    goals.at_most(
        "growth", "slowest insert while they do", max(waits) * 1000, LONGEST_WAIT_SECONDS * 1000, "ms"
    )
    back = timed(
        lambda: call_command("migrate", "sessions_app", "0010_answer_state", verbosity=0, skip_checks=True)
    )
    goals.figure("growth", "1,000,000 rows come to be plain again, nobody writes meanwhile", back, "s")
