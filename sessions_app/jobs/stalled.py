"""Jobs whose worker died: tried again, but not for ever, for it may have been the job that killed it."""

from __future__ import annotations

import datetime as dt
import logging

from asgiref.sync import async_to_sync
from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from sessions_app import clock
from sessions_app.jobs.job import A_FEW_TRIES, ONE_TRY, Waits, job

logger = logging.getLogger(__name__)

# Jobs that were there when a worker died run one at a time from then on, the one that saw most deaths
# last: so the one that kills its workers takes each of the others along once at most.
SUSPECTS = "lost their worker"


@job(limit_seconds=30, waits=ONE_TRY, queueing_lock="stalled")
def retry_stalled(timestamp: int) -> None:
    """Find the jobs of workers that were not heard of for a while."""
    end_stalled()


def end_stalled() -> int:
    """Put each back for another try, or end it as failed after its last; returns how many there were."""
    manager = app.job_manager
    silent_seconds = settings.PROCRASTINATE_WORKER_DEFAULTS["stalled_worker_timeout"]
    found = list(async_to_sync(manager.get_stalled_jobs)(seconds_since_heartbeat=silent_seconds))
    for each in found:
        _end(each)
    return len(found)


def _end(stalled: Job) -> None:
    assert stalled.id is not None
    # The try that its worker did not survive is not counted yet.
    tries = stalled.attempts + 1
    pause = _waits_of(stalled).after(tries)
    logger.warning(
        "job %s (%s) lost its worker at try %s: %s",
        stalled.id,
        stalled.task_name,
        tries,
        "it has failed" if pause is None else f"it is tried again in {pause} s",
    )
    if pause is None:
        async_to_sync(app.job_manager.finish_job_by_id_async)(stalled.id, Status.FAILED, delete_job=False)
    else:
        app.job_manager.retry_job_by_id(
            stalled.id,
            clock.now() + dt.timedelta(seconds=pause),
            priority=stalled.priority - 1,
            lock=stalled.lock or SUSPECTS,
        )


def _waits_of(stalled: Job) -> Waits:
    # A job of another release may have no task here.
    task = app.tasks.get(stalled.task_name)
    return task.retry_strategy if task and isinstance(task.retry_strategy, Waits) else A_FEW_TRIES
