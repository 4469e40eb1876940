"""Blockers: agents and people raise them, people clear or dismiss them, and say what they did themselves."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from pydantic import Field

from sessions_app.api.agent_names import agent_of
from sessions_app.api.door import READS, ApiRequest, May, Place, operation, writes
from sessions_app.api.paging import by_time
from sessions_app.api.reading import Body, Id, Moment, Page, optional_text
from sessions_app.api.showing import Data, List
from sessions_app.api.shown import BlockerWhole, blocker_whole
from sessions_app.ledger import Actor
from sessions_app.models import Blocker, BlockerItem, Membership
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.bearers import Scope
from sessions_app.models.projects import Role
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS
from sessions_app.services import blockers
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.errors import Invalid

router = Place("/projects/{project_id}/blockers", "Blockers")
BLOCKER = "/{blocker_id}"


class WaitsForNew(Body):
    # A member, who then may say that it is done.
    user_id: Id | None = None
    # An item that must be decided first.
    item_id: Id | None = None
    # When it clears by itself.
    until: Moment | None = None


class BlockerNew(Body):
    """The same words of one agent, while still open, are the same blocker."""

    # Told by an agent's token; people who raise one for an agent name it, and for themselves name none.
    agent_type: str = optional_text(AGENT_TYPE_MAX_CHARACTERS)
    text: str = Field(min_length=1, max_length=ASKED_TEXT_MAX_CHARACTERS)
    type: Literal["information", "decision", "clarification"] = "information"
    # Ids of the items it stops.
    blocks: list[Id] = Field(default_factory=list, max_length=200)
    # One of them, where a person raises it.
    waits_for: WaitsForNew | None = None


class BlockerQuery(Page):
    status: Literal["open", "cleared", "dismissed", ""] = Field("", description="only blockers in this state")


@operation(router, "GET", "", gives={200: List[BlockerWhole]}, may=READS)
def blocker_list(request: ApiRequest, project_id: Id, query: BlockerQuery) -> List[BlockerWhole]:
    """The blockers, newest first."""
    rows = (
        Blocker.objects.filter(project_id=project_id)
        .select_related("raised_by", "waits_for", "item", "ended_by")
        .prefetch_related(Prefetch("blocked_items", BlockerItem.objects.select_related("item")))
    )
    if query.status:
        rows = rows.filter(status=query.status)
    members = _member_ids(project_id, rows)
    return by_time(rows, "created_at", query, lambda row: blocker_whole(row, members))


@operation(
    router,
    "POST",
    "",
    gives={201: Data[BlockerWhole]},
    may=writes(Scope.ACTIVITY),
    example={"text": "The fire service has not answered", "type": "information"},
)
def blocker_raise(request: ApiRequest, project_id: Id, body: BlockerNew) -> Data[BlockerWhole]:
    """Say what stops items from being decided, and as a person on whom or what it waits.

    It clears when its cause is gone: what it waits for was decided, its day came, whom it waits for says that
    it is done, or the agent that raised it reports `details.resolves` with its id.
    """
    if isinstance(request.caller, AgentCaller) or body.agent_type:
        return _shown(_raised_by_agent(project_id, agent_of(request, body.agent_type), body))
    return _shown(_raised_by_person(project_id, request.actor, body))


@operation(
    router,
    "POST",
    f"{BLOCKER}/done",
    gives={200: Data[BlockerWhole]},
    may=May(Role.VIEWER, writes=True, is_activity=True),
)
def blocker_done(request: ApiRequest, project_id: Id, blocker_id: Id) -> Data[BlockerWhole]:
    """Say that what it waits for is done. Only the person it waits for, whatever their role."""
    return _shown(blockers.say_done(project_id, request.actor, blocker_id))


@operation(router, "POST", f"{BLOCKER}/clear", gives={200: Data[BlockerWhole]}, may=writes())
def blocker_clear(request: ApiRequest, project_id: Id, blocker_id: Id) -> Data[BlockerWhole]:
    """Say that it no longer stops anything. People only; an agent reports `details.resolves`."""
    return _shown(blockers.clear_blocker(project_id, request.actor, blocker_id))


@operation(router, "POST", f"{BLOCKER}/dismiss", gives={200: Data[BlockerWhole]}, may=writes())
def blocker_dismiss(request: ApiRequest, project_id: Id, blocker_id: Id) -> Data[BlockerWhole]:
    """Say that it never mattered; reported again it is only counted. People only."""
    return _shown(blockers.dismiss_blocker(project_id, request.actor, blocker_id))


def _raised_by_agent(project_id: UUID, agent_type: str, body: BlockerNew) -> Blocker:
    if body.waits_for is not None:
        raise Invalid("waits_for", "is for people: an agent's blocker waits for nobody by name.")
    return blockers.raise_blocker(project_id, agent_type, text=body.text, kind=body.type, blocks=body.blocks)


# What the service calls the parts of `waitsFor`.
_PARTS = {"waits_for": "user_id", "waits_on_item": "item_id", "waits_until": "until"}


def _raised_by_person(project_id: UUID, actor: Actor, body: BlockerNew) -> Blocker:
    waits = body.waits_for or WaitsForNew()
    try:
        return blockers.raise_blocker_by_person(
            project_id,
            actor,
            text=body.text,
            kind=body.type,
            blocks=body.blocks,
            waits_for=waits.user_id,
            waits_on_item=waits.item_id,
            waits_until=waits.until,
        )
    except Invalid as bad:
        part = _PARTS.get(bad.field)
        raise Invalid(f"waits_for.{part}" if part else bad.field, bad.rule) from bad


def _shown(blocker: Blocker) -> Data[BlockerWhole]:
    members = _member_ids(blocker.project_id, Blocker.objects.filter(id=blocker.id))
    return Data(data=blocker_whole(blocker, members))


def _member_ids(project_id: UUID, rows: QuerySet[Blocker]) -> set[UUID]:
    """Whom these wait for, and who is a member still."""
    named = rows.filter(waits_for__isnull=False).values("waits_for_id")
    found = Membership.objects.filter(project_id=project_id, user_id__in=named)
    return set(found.values_list("user_id", flat=True))
