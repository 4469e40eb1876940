"""What this process counts, kept in the database by a thread of its own: no request waits for it.

The figures each minute, refusals every few seconds. A database that is away loses nothing: what could not be
kept is tried again with the next.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable

from django.db import connections

from sessions_app import clock
from sessions_app.db.trouble import Complaint
from sessions_app.metrics import intake
from sessions_app.metrics.instruments import REFUSALS_UNTOLD
from sessions_app.metrics.intake import Refusal
from sessions_app.metrics.samples import Meter, Sample, labelled, summed
from sessions_app.services import metric_samples, refusals, system
from sessions_app.services.refusals import Refused

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
# What cannot be kept by then is lost, a minute of figures at most: they hold up no end.
STOP_SECONDS = 1.0
# With the database away for longer the oldest minutes are kept as one.
MOST_MINUTES = 120
# Kinds of refusals in FLUSH_SECONDS: more are counted in the figures alone.
MOST_REFUSALS = 10_000


class Keeper:
    """See the module. `start` and `stop` once."""

    def __init__(self, *, is_worker: bool = False) -> None:
        self._is_worker = is_worker
        self._stop = threading.Event()
        self._is_hurried = False
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._lock = threading.Lock()
        self._refused: dict[Refused, int] = {}
        self._meter = Meter()
        self._minutes: dict[dt.datetime, list[Sample]] = {}
        self._taken_at = _minute()
        self._complaint = Complaint(logger)

    def start(self) -> None:
        """Begin to keep; returns at once."""
        intake.on_refusal(self.add)
        self._thread.start()

    def stop(self, *, is_hurried: bool = False) -> None:
        """Keep what there is, within STOP_SECONDS, and end; in a hurry keep nothing and wait for nothing."""
        self._is_hurried = is_hurried
        self._stop.set()
        if not is_hurried:
            self._thread.join(STOP_SECONDS)

    def add(self, refusal: Refusal) -> None:
        """Remember a refusal for its project's owners; from any thread."""
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        what = Refused(refusal.project_id, refusal.user_id, hour, refusal.door, refusal.reason)
        with self._lock:
            if what in self._refused or len(self._refused) < MOST_REFUSALS:
                self._refused[what] = self._refused.get(what, 0) + refusal.times
            else:
                REFUSALS_UNTOLD.inc(refusal.times)

    def flush(self, *, last: bool = False) -> None:
        """Keep the refusals, and with a new minute (or at the end) the figures of the one before."""
        self._try(self._keep_refusals)
        minute = _minute()
        if minute > self._taken_at or last:
            self._take()
            self._taken_at = minute
            self._try(self._keep_minutes)

    def _run(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            self.flush()
        if not self._is_hurried:
            self.flush(last=True)

    def _try(self, keep: Callable[[], None]) -> None:
        try:
            keep()
            self._complaint.is_over()
        except Exception as trouble:
            self._complaint.about(trouble, "what was counted cannot be kept now, it is tried again")
        finally:
            connections.close_all()

    def _take(self) -> None:
        """Add what was counted to its minute: the one that is over."""
        samples = self._meter.take()
        try:
            samples += _of_system()
        except Exception:
            # How the system stood then is known to nobody.
            logger.debug("the system cannot be asked now", exc_info=True)
        finally:
            connections.close_all()
        self._minutes[self._taken_at] = summed([*self._minutes.get(self._taken_at, []), *samples])
        if len(self._minutes) > MOST_MINUTES:
            first, second = sorted(self._minutes)[:2]
            self._minutes[second] = summed([*self._minutes.pop(first), *self._minutes[second]])

    def _keep_minutes(self) -> None:
        metric_samples.keep(self._minutes, also_ever=self._is_worker)
        self._minutes.clear()

    def _keep_refusals(self) -> None:
        with self._lock:
            some, self._refused = self._refused, {}
        try:
            refusals.keep(some)
        except Exception:
            with self._lock:
                for what, times in some.items():
                    self._refused[what] = self._refused.get(what, 0) + times
            raise


def _minute() -> dt.datetime:
    return clock.now().replace(second=0, microsecond=0)


def _of_system() -> list[Sample]:
    """How the system stands, of which every process reads the same: their mean is kept."""
    now = system.now()
    read = {
        ("leftoff_jobs_waiting", "due"): now.jobs_due,
        ("leftoff_jobs_failed", ""): now.jobs_failed,
        ("leftoff_job_lag_seconds", ""): now.job_lag_seconds,
        ("leftoff_workers", ""): now.workers,
        ("leftoff_intake_waiting", ""): now.intake_waiting,
        ("leftoff_intake_lag_seconds", ""): now.intake_lag_seconds,
        ("leftoff_sessions_active", ""): now.sessions_active,
    }
    return [
        Sample(metric, labelled(state=state) if state else "", float(value), most=float(value))
        for (metric, state), value in read.items()
    ]
