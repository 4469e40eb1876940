"""Who is here, as this server process tells it to all."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection
from uuid import UUID

from sessions_app.db.rls import acting_as_system
from sessions_app.live.hints import hints
from sessions_app.live.threads import in_thread
from sessions_app.services import presence

logger = logging.getLogger(__name__)

# Loading a page anew closes a socket and opens one: nobody left.
LEAVE_SECONDS = 4.0


class Attendance:
    """Tells who came and who left. What cannot be told now expires, or is told with the next beat."""

    def __init__(self) -> None:
        self.server = uuid.uuid4()

    async def come(self, project_id: UUID, user_id: UUID) -> None:
        """A person's first socket here is open."""
        try:
            await in_thread(self._note_present, [(project_id, user_id)])
            hints.send(project_id)
        except Exception as trouble:
            logger.warning("who came cannot be told now: %s", trouble)

    async def leave(self, project_id: UUID, user_id: UUID, is_back: Callable[[], bool]) -> None:
        """A person's last socket here is closed; nothing is told of whoever `is_back` after a moment."""
        await asyncio.sleep(LEAVE_SECONDS)
        if is_back():
            return
        try:
            await in_thread(self._note_gone, project_id, user_id)
            hints.send(project_id)
        except Exception as trouble:
            logger.warning("who left cannot be told now, and expires: %s", trouble)

    async def tell(self, people: Collection[tuple[UUID, UUID]]) -> None:
        """Say that all these (project, person) are still here."""
        await in_thread(self._note_present, people)

    def _note_present(self, people: Collection[tuple[UUID, UUID]]) -> None:
        with acting_as_system({project_id for project_id, _ in people}):
            presence.note_present(self.server, people)

    def _note_gone(self, project_id: UUID, user_id: UUID) -> None:
        with acting_as_system([project_id]):
            presence.note_gone(self.server, project_id, user_id)
