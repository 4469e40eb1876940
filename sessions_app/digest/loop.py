"""The digester's loop: one in each process that works, as long as that works."""

from __future__ import annotations

import logging
import threading
import time

from django.db import connections

from sessions_app.db.trouble import Complaint
from sessions_app.digest.claims import Claim, claim
from sessions_app.digest.digester import digest_claimed
from sessions_app.digest.wakeups import wakeups

logger = logging.getLogger(__name__)

# How long a lost wake-up may stay unnoticed.
LOOK_EVERY_SECONDS = 2.0
# Between two looks: what comes in meanwhile is digested together, a few times a second at most.
SETTLE_SECONDS = 0.2
PAUSE_AFTER_TROUBLE_SECONDS = 1.0
MOST_AT_ONCE = 2
# A project that takes so long hangs: its thread is not waited for any more.
HANGS_SECONDS = 60.0
STOP_SECONDS = 10


class _Running:
    """The projects under way, each in a thread of its own: one that hangs holds up no other."""

    def __init__(self) -> None:
        self._threads: dict[threading.Thread, float] = {}

    def room(self) -> int:
        """How many more may be started. One that hangs is not counted any more."""
        now = time.monotonic()
        self._threads = {
            thread: until for thread, until in self._threads.items() if thread.is_alive() and until > now
        }
        return MOST_AT_ONCE - len(self._threads)

    def start(self, mine: Claim) -> None:
        thread = threading.Thread(target=_digest, args=[mine], name="digest", daemon=True)
        self._threads[thread] = time.monotonic() + HANGS_SECONDS
        thread.start()

    def finish(self) -> None:
        until = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))


def run_digester(stop: threading.Event) -> None:
    """Digest until `stop` is set, then finish what is under way (within STOP_SECONDS).

    Trouble with the database is waited out.
    """
    running, complaint = _Running(), Complaint(logger)
    while not stop.is_set():
        only = wakeups.take(LOOK_EVERY_SECONDS)
        try:
            while (room := running.room()) and (claims := claim(room, only)):
                for mine in claims:
                    running.start(mine)
            if room:
                complaint.is_over()
            else:
                # More may wait than there was room for, and nobody wakes us for it a second time.
                wakeups.add(None)
        except Exception as error:
            complaint.about(error, "the digester cannot look for work now")
            stop.wait(PAUSE_AFTER_TROUBLE_SECONDS)
        finally:
            connections.close_all()
        stop.wait(SETTLE_SECONDS)
    running.finish()


def _digest(mine: Claim) -> None:
    try:
        digest_claimed(mine)
    finally:
        connections.close_all()
        # What came in after the last look, while the project was claimed, woke nobody.
        wakeups.add(mine.project_id)
