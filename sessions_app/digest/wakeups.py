"""What the digester of this process is woken by: projects that have something, since it looked last."""

from __future__ import annotations

import threading
from uuid import UUID


class Wakeups:
    """Projects to look at, collected from any thread; many wake-ups of one project are one."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._projects: set[UUID] = set()
        self._all = False

    def add(self, project_id: UUID | None) -> None:
        """Ask for a look at a project; None: at all of them, something may have been missed."""
        with self._condition:
            if project_id is None:
                self._all = True
            else:
                self._projects.add(project_id)
            self._condition.notify_all()

    def take(self, timeout: float) -> list[UUID] | None:
        """Wait at most `timeout` seconds; returns the projects asked for, or None for all.

        All is also the answer when nobody asked in time: a wake-up may be lost on its way.
        """
        with self._condition:
            asked = self._condition.wait_for(lambda: self._projects or self._all, timeout)
            everything = self._all or not asked
            projects, self._projects, self._all = self._projects, set(), False
            return None if everything else list(projects)


wakeups = Wakeups()
