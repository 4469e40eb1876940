"""The tokens of a project's agents: those that let one in, and those that do no more."""

from __future__ import annotations

from uuid import UUID

from sessions_app import clock
from sessions_app.models import AgentToken
from sessions_app.panels.paging import Counted, newest_page


def agent_tokens(project_id: UUID, *, ended: bool = False, after: str = "", most: int) -> Counted[AgentToken]:
    """The tokens that are good now, or with `ended` those revoked or expired; newest first.

    Raises ValueError for a cursor that is none.
    """
    which = AgentToken.objects.ended if ended else AgentToken.objects.good
    found = which(clock.now()).filter(project_id=project_id)
    return Counted(*newest_page(found.select_related("created_by"), "created_at", after, most), found)
