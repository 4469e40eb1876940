"""The figures over time: minutes become hours."""

from __future__ import annotations

from sessions_app import clock
from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.services import metric_samples


@job(limit_seconds=600, waits=ONE_TRY, queueing_lock="samples")
def condense_samples(timestamp: int) -> None:
    """Make hours of old minutes."""
    metric_samples.condense(clock.now())
