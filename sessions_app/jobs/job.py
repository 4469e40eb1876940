"""What every job has: a limit to its time, and a number of tries with growing waits.

@job(limit_seconds=30)
def deliver(mail_id: int) -> None: ...
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

import procrastinate
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from procrastinate.middleware import SyncCallNext
from procrastinate.tasks import Task
from procrastinate.worker import Worker

from sessions_app.metrics import statements
from sessions_app.metrics.instruments import JOB_SECONDS, JOBS
from sessions_app.metrics.observed import observing

# How soon a job notices that its worker is asked to stop.
LOOK_EVERY_SECONDS = 0.2


class Overdue(Exception):
    """A job took longer than its limit. What it does goes on unheard; it is not tried again."""


class Waits(procrastinate.BaseRetryStrategy):
    """Try again after so many seconds, one number for each further try; then the job has failed."""

    def __init__(self, *seconds: int) -> None:
        self.seconds = seconds

    @property
    def most_tries(self) -> int:
        return len(self.seconds) + 1

    def after(self, tries: int) -> int | None:
        """How long to wait after so many tries; None: no more."""
        return self.seconds[tries - 1] if tries <= len(self.seconds) else None

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        """Decide on the try that just failed, which `job.attempts` does not count yet."""
        # While an overdue job may still be at it, a second one would do the same beside it.
        pause = None if isinstance(exception, Overdue) else self.after(job.attempts + 1)
        return None if pause is None else procrastinate.RetryDecision(retry_in={"seconds": pause})


A_FEW_TRIES = Waits(2, 10, 60, 300)
# The clock starts it again anyway.
ONE_TRY = Waits()


def job(
    *,
    limit_seconds: float,
    waits: Waits = A_FEW_TRIES,
    lock: str | None = None,
    queueing_lock: str | None = None,
) -> Callable[[Callable[..., Any]], Task[..., Any, ...]]:
    """Make a job of a plain function.

    Arguments: how long one try may take; how often and when it is tried again; `lock`: of jobs with the
    same one only one runs at a time; `queueing_lock`: only one waits at a time. A job with that wants
    ONE_TRY: its second try could not be put back beside the one that waits.
    """
    assert queueing_lock is None or waits is ONE_TRY

    def register(function: Callable[..., Any]) -> Task[..., Any, ...]:
        assert not inspect.iscoroutinefunction(function), "a job is a plain function"
        decorate = app.task(
            retry=waits,
            lock=lock,
            queueing_lock=queueing_lock,
            task_middleware=[_Limit(limit_seconds)],
        )
        task: Task[..., Any, ...] = decorate(function)
        return task

    return register


class _Limit:
    """Runs a job in a thread of its own, so that one that hangs takes none of the worker's with it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self, call_next: SyncCallNext, context: procrastinate.JobContext, _worker: Worker) -> Any:  # noqa: ANN401
        started = time.monotonic()
        ended = "failed"
        try:
            result = self._within_limit(call_next, context)
            ended = "done"
            return result
        except Overdue:
            ended = "overdue"
            raise
        except JobAborted:
            ended = "stopped"
            raise
        finally:
            name = called(context.job)
            JOBS.labels(name, ended).inc()
            JOB_SECONDS.observe(time.monotonic() - started, name)

    def _within_limit(self, call_next: SyncCallNext, context: procrastinate.JobContext) -> Any:  # noqa: ANN401
        outcome: Future[Any] = Future()
        threading.Thread(
            target=_run, args=[call_next, outcome, context.job], name=context.job.task_name, daemon=True
        ).start()
        until = time.monotonic() + self.seconds
        while not outcome.done():
            if context.should_abort():
                raise JobAborted
            if time.monotonic() >= until:
                raise Overdue(f"not done within {self.seconds} s")
            wait([outcome], timeout=LOOK_EVERY_SECONDS)
        return outcome.result()


def called(job: Job) -> str:
    """What a job is called in figures and logs."""
    return job.task_name.removeprefix("sessions_app.jobs.")


def _run(call_next: SyncCallNext, outcome: Future[Any], job: Job) -> None:
    with observing(str(job.id), is_job=True) as observed:
        try:
            outcome.set_result(call_next())
        except BaseException as error:
            outcome.set_exception(error)
        finally:
            connections.close_all()
            statements.add_up(observed, called(job))
