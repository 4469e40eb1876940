"""Jobs whose worker was killed: tried again, and given up after so many."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from sessions_app.jobs.finished import KEPT_DAYS, forget_finished
from sessions_app.jobs.job import ONE_TRY
from sessions_app.jobs.stalled import end_stalled
from tests.jobs.conftest import jobs, work_off


def kill_worker_at_work(silent_seconds: int = 60) -> None:
    """What a kill leaves behind: a worker that is silent, and a job that it has."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "with dead as (insert into procrastinate_workers (last_heartbeat)"
            " values (now() - make_interval(secs => %s)) returning id)"
            " update procrastinate_jobs set status = 'doing', worker_id = dead.id from dead"
            " where status = 'todo'",
            [silent_seconds],
        )


def test_it_is_tried_again_and_given_up_after_its_tries(make_job) -> None:
    make_job(lambda: None).defer()
    for tries in (1, 2):
        kill_worker_at_work()
        assert end_stalled() == 1
        assert [row[1:] for row in jobs()] == [("todo", tries)]
    kill_worker_at_work()
    assert end_stalled() == 1
    assert [row[1:] for row in jobs()] == [("failed", 3)]
    assert end_stalled() == 0


def test_the_next_try_is_as_good_as_the_first(make_job) -> None:
    done = []
    make_job(lambda: done.append(1)).defer()
    kill_worker_at_work()
    end_stalled()
    work_off()
    assert (done, jobs()) == ([1], [])


def test_those_that_lost_a_worker_run_one_at_a_time(make_job) -> None:
    """One of them may have killed it: the others go first, and not beside it."""
    together, running, most = threading.Lock(), [], []

    def run(name: str) -> None:
        with together:
            running.append(name)
            most.append(len(running))
        time.sleep(0.1)
        with together:
            running.remove(name)
            done.append(name)

    done: list[str] = []
    task = make_job(run)
    task.defer(name="deadly")
    kill_worker_at_work()
    end_stalled()
    task.defer(name="beside")
    kill_worker_at_work()
    end_stalled()
    task.defer(name="new")
    work_off()
    assert done.index("beside") < done.index("deadly")
    assert (max(most), jobs()) == (2, [])


def test_a_job_whose_worker_lives_is_left_alone(make_job) -> None:
    make_job(lambda: None).defer()
    kill_worker_at_work(silent_seconds=5)
    assert end_stalled() == 0
    assert [row[1:] for row in jobs()] == [("doing", 0)]


def test_one_of_the_clock_is_not_put_back_beside_its_next(make_job) -> None:
    """Its second try would want the lock that the next one waits with."""
    task = make_job(lambda: None, waits=ONE_TRY, queueing_lock="one")
    task.defer()
    kill_worker_at_work()
    task.defer()
    assert end_stalled() == 1
    assert [row[1:] for row in jobs()] == [("failed", 1), ("todo", 0)]


@pytest.mark.parametrize(("days", "left"), [(KEPT_DAYS - 1, 1), (KEPT_DAYS + 1, 0)])
def test_a_failed_job_is_forgotten_after_two_weeks(make_job, days: int, left: int) -> None:
    make_job(lambda: 1 / 0, waits=ONE_TRY).defer()
    work_off()
    with connections["owner"].cursor() as cursor:
        cursor.execute("update procrastinate_events set at = at - make_interval(days => %s)", [days])
    forget_finished(timestamp=0)
    assert ProcrastinateJob.objects.count() == left
