"""What is past its age goes, once a night."""

from __future__ import annotations

from django.conf import settings

from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.services import retention


@job(limit_seconds=1800, waits=ONE_TRY, lock="prune", queueing_lock="prune")
def prune(timestamp: int) -> None:
    """Delete what nobody needs any more, batch by batch; one that is broken off goes on the next night."""
    for _table, _rows in retention.prune(settings.INTAKE_KEPT_DAYS):
        pass
