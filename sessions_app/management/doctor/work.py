"""What is done in the background: jobs, and the intake."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_app.insights.system_now import LATE_SECONDS
from sessions_app.management.doctor.finding import Finding, ok, problem, warning
from sessions_app.services import system

_WORK = "start `manage.py worker`, or `manage.py serve` without --no-worker"


def look_at_jobs() -> Iterator[Finding]:
    """Workers, jobs that nobody does, jobs that failed."""
    now = system.now()
    found = []
    if now.job_lag_seconds > LATE_SECONDS:
        found.append(
            problem(
                f"{now.jobs_due:,} jobs wait, the first for {now.job_lag_seconds:,.0f} s",
                "mails, webhooks and digests do not leave",
                _WORK,
            )
        )
    elif not now.workers:
        found.append(warning("no worker is running", "whatever comes next waits", _WORK))
    if now.jobs_running and not now.workers:
        found.append(
            warning(
                f"{now.jobs_running:,} jobs lost their worker",
                "they are tried again by the next one; one that kills its workers will end as failed",
                _WORK,
            )
        )
    if now.jobs_failed:
        found.append(
            warning(
                f"{now.jobs_failed:,} jobs failed for good in the last two weeks",
                "what they should have sent or done is missing",
                "/admin/ lists them under “Procrastinate jobs”, with the way to try them again",
            )
        )
    yield from found or [ok(f"{now.workers} workers are at work, nothing is late")]


def look_at_intake() -> Iterator[Finding]:
    """What people and agents sent and nobody has digested."""
    now = system.now()
    if now.intake_lag_seconds > LATE_SECONDS:
        yield problem(
            f"{now.intake_waiting:,} rows of the intake wait, the first for {now.intake_lag_seconds:,.0f} s",
            "agents' questions and people's activity do not reach the panels",
            f"{_WORK}; `manage.py upkeep` digests them once",
        )
    else:
        yield ok("the intake is digested")
