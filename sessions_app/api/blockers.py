"""Blockers: agents raise them, people clear or dismiss them."""

from __future__ import annotations

from typing import Literal

from django.db.models import Prefetch
from pydantic import Field

from sessions_app.api.agent_names import agent_of
from sessions_app.api.door import READS, ApiRequest, Place, operation, writes
from sessions_app.api.paging import by_time
from sessions_app.api.reading import Body, Id, Page, optional_text
from sessions_app.api.showing import Data, List
from sessions_app.api.shown import BlockerWhole, blocker_whole
from sessions_app.models import Blocker, BlockerItem
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.bearers import Scope
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS
from sessions_app.services import blockers

router = Place("/projects/{project_id}/blockers", "Blockers")
BLOCKER = "/{blocker_id}"


class BlockerNew(Body):
    """The same words of one agent, while still open, are the same blocker."""

    # Told by an agent's token; people who raise one for an agent name it.
    agent_type: str = optional_text(AGENT_TYPE_MAX_CHARACTERS)
    text: str = Field(min_length=1, max_length=ASKED_TEXT_MAX_CHARACTERS)
    type: Literal["information", "decision", "clarification"] = "information"
    # Ids of the items it stops.
    blocks: list[Id] = Field(default_factory=list, max_length=200)


class BlockerQuery(Page):
    status: Literal["open", "cleared", "dismissed", ""] = Field("", description="only blockers in this state")


@operation(router, "GET", "", gives={200: List[BlockerWhole]}, may=READS)
def blocker_list(request: ApiRequest, project_id: Id, query: BlockerQuery) -> List[BlockerWhole]:
    """The blockers, newest first."""
    rows = Blocker.objects.filter(project_id=project_id).prefetch_related(
        Prefetch("blocked_items", BlockerItem.objects.select_related("item"))
    )
    if query.status:
        rows = rows.filter(status=query.status)
    return by_time(rows, "created_at", query, blocker_whole)


@operation(
    router,
    "POST",
    "",
    gives={201: Data[BlockerWhole]},
    may=writes(Scope.ACTIVITY),
    example={"text": "The fire service has not answered", "type": "information"},
)
def blocker_raise(request: ApiRequest, project_id: Id, body: BlockerNew) -> Data[BlockerWhole]:
    """Say what stops items from being decided, as an agent.

    It clears when its cause is gone, or when the agent reports `details.resolves` with its id.
    """
    blocker = blockers.raise_blocker(
        project_id,
        agent_of(request, body.agent_type),
        text=body.text,
        kind=body.type,
        blocks=body.blocks,
    )
    return Data(data=blocker_whole(blocker))


@operation(router, "POST", f"{BLOCKER}/clear", gives={200: Data[BlockerWhole]}, may=writes())
def blocker_clear(request: ApiRequest, project_id: Id, blocker_id: Id) -> Data[BlockerWhole]:
    """Say that it no longer stops anything. People only; an agent reports `details.resolves`."""
    return Data(data=blocker_whole(blockers.clear_blocker(project_id, request.actor, blocker_id)))


@operation(router, "POST", f"{BLOCKER}/dismiss", gives={200: Data[BlockerWhole]}, may=writes())
def blocker_dismiss(request: ApiRequest, project_id: Id, blocker_id: Id) -> Data[BlockerWhole]:
    """Say that it never mattered; reported again it is only counted. People only."""
    return Data(data=blocker_whole(blockers.dismiss_blocker(project_id, request.actor, blocker_id)))
