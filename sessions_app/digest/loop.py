"""The digester's loop: one in each process that works, as long as that works."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from uuid import UUID

from django.db import connections

from sessions_app.db.trouble import Complaint
from sessions_app.digest.claims import Claim, claim, leave
from sessions_app.digest.digester import digest_claimed
from sessions_app.digest.together import MOST_CLAIMED, fold_together
from sessions_app.digest.wakeups import wakeups

logger = logging.getLogger(__name__)

# How long a lost wake-up may stay unnoticed.
LOOK_EVERY_SECONDS = 2.0
# Between two looks: what comes in meanwhile is digested together, a few times a second at most.
SETTLE_SECONDS = 0.2
PAUSE_AFTER_TROUBLE_SECONDS = 1.0
MOST_AT_ONCE = 2
# Projects that find no room for so long are given back: input of others waits meanwhile.
ROOM_SECONDS = 0.5
# A project that takes so long hangs: its thread is not waited for any more.
HANGS_SECONDS = 60.0
STOP_SECONDS = 10


class _Running:
    """The projects that are digested by themselves, each in a thread: one that hangs holds up no other."""

    def __init__(self) -> None:
        # Each thread, and when it is taken to hang. The condition tells that one has ended.
        self._threads: dict[threading.Thread, float] = {}
        self._changed = threading.Condition()

    def start(self, mine: Claim, patience: float) -> bool:
        """Digest a project once there is room, within `patience` seconds; returns whether there was."""
        with self._changed:
            if not self._changed.wait_for(self._has_room, patience):
                return False
            thread = threading.Thread(target=self._digest, args=[mine], name="digest", daemon=True)
            self._threads[thread] = time.monotonic() + HANGS_SECONDS
        thread.start()
        return True

    def finish(self) -> None:
        until = time.monotonic() + STOP_SECONDS
        for thread in list(self._threads):
            thread.join(max(0.0, until - time.monotonic()))

    def _has_room(self) -> bool:
        """One that hangs is not counted any more."""
        now = time.monotonic()
        self._threads = {thread: until for thread, until in self._threads.items() if until > now}
        return len(self._threads) < MOST_AT_ONCE

    def _digest(self, mine: Claim) -> None:
        try:
            digest_claimed(mine)
        finally:
            connections.close_all()
            # What came in after the last look, while the project was claimed, woke nobody.
            wakeups.add(mine.project_id)
            with self._changed:
                self._threads.pop(threading.current_thread(), None)
                self._changed.notify()


def run_digester(stop: threading.Event) -> None:
    """Digest until `stop` is set, then finish what is under way (within STOP_SECONDS).

    Trouble with the database is waited out.
    """
    running, complaint, look_at_all_at = _Running(), Complaint(logger), 0.0
    while not stop.is_set():
        only = wakeups.take(max(0.0, look_at_all_at - time.monotonic()))
        if time.monotonic() >= look_at_all_at:
            # However many wake us: of some we are never told.
            only = None
        if only is None:
            look_at_all_at = time.monotonic() + LOOK_EVERY_SECONDS
        try:
            _look(running, stop, only)
            complaint.is_over()
        except Exception as error:
            complaint.about(error, "the digester cannot look for work now")
            stop.wait(PAUSE_AFTER_TROUBLE_SECONDS)
        finally:
            connections.close_all()
        stop.wait(SETTLE_SECONDS)
    running.finish()


def _look(running: _Running, stop: threading.Event, only: Sequence[UUID] | None) -> None:
    """Digest what waits in these projects or in all, once: what comes meanwhile is for the next look."""
    seen: set[UUID] = set()
    while not stop.is_set() and (claims := claim(MOST_CLAIMED, only)):
        if not _digest_together(running, claims):
            # More waits than there was room for, and nobody wakes us for it a second time.
            wakeups.add(None)
            return
        # Whoever was not seen is claimed first, so none is left once one comes again.
        if len(claims) < MOST_CLAIMED or not seen.isdisjoint(each.project_id for each in claims):
            return
        seen.update(each.project_id for each in claims)


def _digest_together(running: _Running, claims: Sequence[Claim]) -> bool:
    """Fold what people did there, and see to the rest one by one; returns whether there was room for all."""
    began_at = time.monotonic()
    until = began_at + ROOM_SECONDS
    left: list[Claim] = []

    def by_itself(mine: Claim) -> None:
        if not running.start(mine, max(0.0, until - time.monotonic())):
            left.append(mine)

    fold_together(claims, by_itself)
    # What came in while they were claimed woke nobody.
    for each in claims:
        wakeups.add(each.project_id)
    if left:
        # As if they had been free since: they come before whoever was served meanwhile.
        leave(left, began_at - time.monotonic())
    return not left
