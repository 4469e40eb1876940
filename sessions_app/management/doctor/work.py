"""What is done in the background: jobs, and the intake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from sessions_app.db import queries
from sessions_app.db.rls import acting_as_admin
from sessions_app.management.doctor.finding import Finding, ok, problem, warning

# A job or a row that is due is taken within a second or two.
LATE_SECONDS = 60
_WORK = "start `manage.py worker`, or `manage.py serve` without --no-worker"


def look_at_jobs() -> Iterator[Finding]:
    """Workers, jobs that nobody does, jobs that failed."""
    silent = timedelta(seconds=settings.PROCRASTINATE_WORKER_DEFAULTS["stalled_worker_timeout"])
    [jobs] = queries.rows("doctor_jobs", {"silent": silent})
    found = []
    if jobs["overdue_seconds"] > LATE_SECONDS:
        found.append(
            problem(
                f"{jobs['waiting']:,} jobs wait, the first for {jobs['overdue_seconds']:,.0f} s",
                "mails, webhooks and digests do not leave",
                _WORK,
            )
        )
    elif not jobs["workers"]:
        found.append(warning("no worker is running", "whatever comes next waits", _WORK))
    if jobs["stalled"]:
        found.append(
            warning(
                f"{jobs['stalled']:,} jobs lost their worker",
                "they are tried again by the next one; one that kills its workers will end as failed",
                _WORK,
            )
        )
    if jobs["failed"]:
        found.append(
            warning(
                f"{jobs['failed']:,} jobs failed for good in the last two weeks",
                "what they should have sent or done is missing",
                "/admin/ lists them under “Procrastinate jobs”, with the way to try them again",
            )
        )
    yield from found or [ok(f"{jobs['workers']} workers are at work, nothing is late")]


def look_at_intake() -> Iterator[Finding]:
    """What people and agents sent and nobody has digested."""
    with acting_as_admin():
        [intake] = queries.rows("doctor_intake", {})
    if intake["oldest_seconds"] > LATE_SECONDS:
        yield problem(
            f"{intake['waiting']:,} rows of the intake wait, the first for {intake['oldest_seconds']:,.0f} s",
            "agents' questions and people's activity do not reach the panels",
            f"{_WORK}; `manage.py upkeep` digests them once",
        )
    else:
        yield ok("the intake is digested")
