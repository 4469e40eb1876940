"""What every job has: an end to its time and to its tries, and nothing of it holds up another."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.db import connection, connections, transaction
from procrastinate.contrib.django import app

from sessions_app.jobs import timetable
from sessions_app.jobs.job import A_FEW_TRIES, ONE_TRY, Waits, _Limit, job
from sessions_app.management.working import app_of_worker
from tests.jobs.conftest import jobs, work_off
from tests.waiting import wait_until


def test_a_job_is_done_once_and_leaves_nothing(make_job) -> None:
    done = []
    task = make_job(lambda number: done.append(number))
    for number in range(3):
        task.defer(number=number)
    work_off()
    work_off()
    assert sorted(done) == [0, 1, 2]
    assert jobs() == []


def test_a_job_of_a_transaction_that_is_undone_was_never_there(make_job) -> None:
    task = make_job(print)
    with transaction.atomic():
        task.defer()
        assert len(jobs()) == 1
        transaction.set_rollback(True)
    assert jobs() == []


def test_one_that_always_raises_fails_after_its_tries_and_stays_to_be_seen(make_job) -> None:
    tries, done = [], []

    def broken() -> None:
        tries.append(1)
        raise ValueError("always")

    broken_job, good_job = make_job(broken), make_job(lambda: done.append(1))
    for task in (broken_job, good_job):
        task.defer()
    work_off()
    assert (len(tries), len(done)) == (3, 1)
    assert jobs() == [("broken", "failed", 3)]


def test_one_that_hangs_fails_at_its_limit_and_holds_up_nobody(make_job) -> None:
    released, ended, done = threading.Event(), [], []

    def hanging() -> None:
        released.wait(60)
        ended.append(1)

    make_job(hanging, limit_seconds=0.5).defer()
    make_job(lambda: done.append(1)).defer()
    work_off(concurrency=1)
    assert (ended, done) == ([], [1])
    released.set()
    # Not tried again beside itself, for it may still be at it.
    assert jobs() == [("hanging", "failed", 1)]


def test_one_that_is_under_way_when_its_worker_stops_is_left_to_the_next(make_job) -> None:
    released, starts = threading.Event(), []

    def long() -> None:
        starts.append(1)
        released.wait(20)

    make_job(long).defer()

    async def work_and_stop() -> None:
        worker = app_of_worker()
        async with worker.open_async():
            options = {"install_signal_handlers": False, "shutdown_graceful_timeout": 0.3}
            working = asyncio.create_task(worker.run_worker_async(**options))
            while not starts:
                await asyncio.sleep(0.02)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    asyncio.run(work_and_stop())
    assert ("long", "todo", 1) in jobs()
    released.set()
    work_off()
    assert (len(starts), jobs()) == (2, [])


def test_a_job_gives_its_connection_back(make_job) -> None:
    def connections_of_ours() -> int:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity"
                " where application_name like 'leftoff %' and datname = current_database()"
            )
            return cursor.fetchone()[0]

    task = make_job(lambda: connection.cursor().execute("select 1"))
    task.defer()
    before = connections_of_ours()
    work_off()
    for _ in range(5):
        task.defer()
    work_off()
    # The backend of a connection that was closed goes a moment after it.
    wait_until(lambda: connections_of_ours() <= before)


def test_waits_grow_and_end() -> None:
    assert [A_FEW_TRIES.after(tries) for tries in range(1, 7)] == [2, 10, 60, 300, None, None]
    assert (ONE_TRY.after(1), Waits(5).most_tries) == (None, 2)


def test_every_job_has_a_limit_and_an_end() -> None:
    """Also those that somebody adds tomorrow; and each stands in the timetable, or is asked for."""
    app.perform_import_paths()
    ours = {name: task for name, task in app.tasks.items() if name.startswith("sessions_app.")}
    assert len(ours) >= 4
    for name, task in ours.items():
        assert isinstance(task.retry_strategy, Waits), name
        assert isinstance(task.task_middleware[-1], _Limit), name
    listed = {task.name for _when, task in timetable.TIMETABLE} | {task.name for task in timetable.ON_DEMAND}
    assert listed == set(ours)
    assert {each.task.name for each in app.periodic_registry.periodic_tasks.values()} == {
        task.name for _when, task in timetable.TIMETABLE
    }


def test_a_job_with_a_queueing_lock_is_not_tried_again() -> None:
    with pytest.raises(AssertionError):
        job(limit_seconds=1, waits=Waits(1), queueing_lock="one")
