"""Old analytics that nothing told the digester of: found once an hour."""

from __future__ import annotations

from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.services import recomputing


@job(limit_seconds=300, waits=ONE_TRY, queueing_lock="check analytics")
def check_analytics(timestamp: int) -> None:
    """Leave the digester a check where one was lost: after a repair past the triggers, for instance."""
    recomputing.check_again()
