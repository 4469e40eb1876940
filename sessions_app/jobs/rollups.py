"""Fills the roll-ups behind the insights page."""

from __future__ import annotations

from sessions_app import clock
from sessions_app.jobs.each import each_project
from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.services import rollups


@job(limit_seconds=600, waits=ONE_TRY, lock="rollups", queueing_lock="rollups")
def fill_rollups(timestamp: int) -> None:
    """Each minute, in the projects where something happened or a session is over, each a transaction.

    Raises an ExceptionGroup when it failed in some projects; the others are filled by then.
    """
    _filled, failed = each_project(rollups.projects_due(clock.now()), rollups.roll_up, "the roll-up")
    if failed:
        raise failed
