"""Jobs that ended and were kept to be looked at: the failed ones. What succeeds is deleted at once."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app

from sessions_app.jobs.job import ONE_TRY, job

# Long enough that somebody who comes back from a holiday still sees what went wrong.
KEPT_DAYS = 14


@job(limit_seconds=120, waits=ONE_TRY, queueing_lock="finished")
def forget_finished(timestamp: int) -> None:
    """Delete the jobs that ended more than KEPT_DAYS ago."""
    async_to_sync(app.job_manager.delete_old_jobs)(
        nb_hours=KEPT_DAYS * 24, include_failed=True, include_cancelled=True, include_aborted=True
    )
