"""How the whole system stands at a moment, and what is wrong with it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sessions_app.insights.durations import counted, measured

# A job that waits so long, or a report, is not just waiting for its turn.
LATE_SECONDS = 60.0
# Of the requests of an hour; and so many at least, for one alone says nothing.
BROKEN_SHARE, BROKEN_LEAST = 0.01, 5
FULL_SHARE = 0.1

Level = Literal["alarm", "warning", "note"]


@dataclass(frozen=True)
class SystemNow:
    """Over all projects. Lags are in seconds: since when the oldest of them waits, 0 when nothing does."""

    jobs_due: int
    jobs_later: int
    jobs_running: int
    # They stay for two weeks, or until somebody retries them.
    jobs_failed: int
    job_lag_seconds: float
    workers: int
    # Since a worker was last heard of; None: none ever was, or all have ended as they should.
    worker_silent_seconds: float | None
    tracked_waiting: int
    reported_waiting: int
    intake_lag_seconds: float
    sessions_active: int

    @property
    def intake_waiting(self) -> int:
        return self.tracked_waiting + self.reported_waiting


@dataclass(frozen=True)
class Lately:
    """What happened within the last hour."""

    requests: int = 0
    # Answered with 500 and above.
    broken: int = 0
    # By reason, in words.
    refused: Mapping[str, int] | None = None
    hints_dropped: int = 0


@dataclass(frozen=True)
class Wrong:
    """Something that is wrong now. `about` is what a page may lead to: "jobs", or nothing."""

    level: Level
    said: str
    about: str = ""


def wrongs(now: SystemNow | None, lately: Lately, *, disk_free_share: float) -> list[Wrong]:
    """What is wrong, worst first; nothing when all is well. `now` None: it could not be asked."""
    order: list[Level] = ["alarm", "warning", "note"]
    return sorted(_wrongs(now, lately, disk_free_share), key=lambda wrong: order.index(wrong.level))


def lags(now: SystemNow) -> list[str]:
    """How far behind the work is, a line each: for people and programs that ask whether all is ready."""
    silent = now.worker_silent_seconds
    if now.workers:
        heard = counted(now.workers, "worker")
    elif silent is None:
        heard = "none was heard of"
    else:
        heard = f"none for {measured(silent)}"
    return [
        f"workers: {heard}",
        f"jobs: {_waiting(now.jobs_due, 'due', now.job_lag_seconds)}, {now.jobs_failed} failed",
        f"intake: {_waiting(now.intake_waiting, 'waiting', now.intake_lag_seconds)}",
    ]


def _waiting(count: int, how: str, lag_seconds: float) -> str:
    """ "none waiting", "3 waiting for up to 12 s"."""
    return f"{count} {how} for up to {measured(lag_seconds)}" if count else f"none {how}"


def _wrongs(now: SystemNow | None, lately: Lately, disk_free_share: float) -> Iterator[Wrong]:
    yield from _standing(now) if now else [Wrong("alarm", "How the system stands cannot be asked now.")]
    if lately.broken >= BROKEN_LEAST and lately.broken > lately.requests * BROKEN_SHARE:
        yield Wrong(
            "alarm", f"{lately.broken:,} of {lately.requests:,} requests failed (5xx) within the last hour."
        )
    if disk_free_share < FULL_SHARE:
        yield Wrong("alarm", f"The disk of DATA_DIR is nearly full: {disk_free_share:.0%} is free.")
    if lately.hints_dropped:
        dropped = counted(lately.hints_dropped, "hint")
        yield Wrong("warning", f"{dropped} could not be sent within the last hour: pages were late.")
    if refused := lately.refused:
        whole = counted(sum(refused.values()), "piece")
        why = ", ".join(f"{times:,} {reason}" for reason, times in refused.items())
        yield Wrong("note", f"{whole} of activity refused within the last hour: {why}.")


def _standing(now: SystemNow) -> Iterator[Wrong]:
    if not now.workers:
        yield Wrong("alarm", "No worker is at work: jobs, mails and reports wait. Start manage.py worker.")
    if now.job_lag_seconds > LATE_SECONDS:
        late = measured(now.job_lag_seconds)
        yield Wrong("alarm", f"Jobs are late: {now.jobs_due:,} due, the oldest for {late}.", "jobs")
    if now.intake_lag_seconds > LATE_SECONDS:
        late = measured(now.intake_lag_seconds)
        yield Wrong("alarm", f"The intake is late: {now.intake_waiting:,} wait, the oldest for {late}.")
    if now.jobs_failed:
        yield Wrong("warning", f"{counted(now.jobs_failed, 'job')} failed for good.", "jobs")
