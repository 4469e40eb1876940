"""Jobs that ended and were kept to be looked at: the failed ones. What succeeds is deleted at once."""

from __future__ import annotations

import datetime as dt

from asgiref.sync import async_to_sync
from django.db.models import Max
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from sessions_app import clock
from sessions_app.jobs.job import ONE_TRY, job

# Long enough that somebody who comes back from a holiday still sees what went wrong.
KEPT_DAYS = 14


_ENDED = ("succeeded", "failed", "cancelled", "aborted")


@job(limit_seconds=120, waits=ONE_TRY, queueing_lock="finished")
def forget_finished(timestamp: int) -> None:
    """Delete the jobs that ended more than KEPT_DAYS ago."""
    forget_old()


def forget_old(*, is_trial: bool = False) -> int:
    """The same; returns how many they are, or in a trial would be."""
    before = clock.now() - dt.timedelta(days=KEPT_DAYS)
    ended = ProcrastinateJob.objects.filter(status__in=_ENDED)
    old: int = ended.annotate(ended_at=Max("procrastinateevent__at")).filter(ended_at__lt=before).count()
    if old and not is_trial:
        async_to_sync(app.job_manager.delete_old_jobs)(
            nb_hours=KEPT_DAYS * 24, include_failed=True, include_cancelled=True, include_aborted=True
        )
    return old
