"""record_decision: what was decided, and why."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from sessions_app import ledger
from sessions_app.mcp.tool import Answer, Arguments, Given, Tool
from sessions_app.models import Item
from sessions_app.models.bearers import Scope
from sessions_app.models.items import ALTERNATIVE_MAX_CHARACTERS, REASON_MAX_CHARACTERS
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services import items
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.errors import Invalid
from sessions_app.services.shapes import Id, Moment

Title = Annotated[str, StringConstraints(min_length=1, max_length=TITLE_MAX_CHARACTERS)]

Alternative = Annotated[str, StringConstraints(min_length=1, max_length=ALTERNATIVE_MAX_CHARACTERS)]


class Decision(Arguments):
    item_id: Id | None = Field(None, description="The item that is decided, by an id of the briefing")
    title: Title | None = Field(
        None,
        description="Instead of `item_id`: what was decided, in a few words. An item of this title is"
        " decided; where there is none it is added.",
        examples=["Rent the mill hall"],
    )
    reason: str = Field(
        min_length=1,
        max_length=REASON_MAX_CHARACTERS,
        description="Why, so that nobody has to ask again",
        examples=["Seats 200, and free on Fridays"],
    )
    outcome: str = Field(
        "",
        max_length=items.OUTCOME_MAX_CHARACTERS,
        description="How it came out, where a word says more",
        examples=["accepted", "rejected", "done"],
    )

    alternatives: list[Alternative] = Field(
        default_factory=list,
        max_length=items.MOST_ALTERNATIVES,
        description="What else was considered",
        examples=[["The school's gym"]],
    )
    supersedes: list[Id] = Field(
        default_factory=list,
        max_length=items.MOST_SUPERSEDED,
        description="Ids of items whose place this decision takes: they are parked",
    )
    review_at: Moment | None = Field(None, description="When people are to look at it again")


class Decided(Given):
    id: UUID = Field(description="Of the item")
    title: str
    state: str
    reason: str
    outcome: str
    version: int
    state_changed_at: dt.datetime
    added: bool = Field(description="Whether there was no such item before")


def _record_decision(caller: AgentCaller, decision: Decision) -> Answer:
    """Two verbs in one transaction: their facts carry one version."""
    if not decision.reason.strip():
        raise Invalid("reason", "must not be empty.")
    # The project is held from the look at the titles on: else two calls at once would both add the item.
    with ledger.change(caller.project_id, caller.actor):
        item_id, is_new = _item(caller, decision)
        item = items.decide_item(
            caller.project_id,
            caller.actor,
            item_id,
            reason=decision.reason,
            outcome=decision.outcome,
            alternatives=decision.alternatives,
            supersedes=decision.supersedes,
            review_at=decision.review_at,
        )
    decided = Decided(
        id=item.id,
        title=item.title,
        state=item.state,
        reason=item.reason,
        outcome=item.outcome,
        version=item.version,
        state_changed_at=item.state_changed_at,
        added=is_new,
    )
    did = "Added and decided" if is_new else "Decided"
    return Answer(f"{did} “{item.title}” (item {item.id}), at version {item.version}.", decided)


def _item(caller: AgentCaller, decision: Decision) -> tuple[UUID, bool]:
    """The item that is meant, and whether it was just added."""
    if (decision.item_id is None) == (decision.title is None):
        raise Invalid("item_id", "or `title` is required, one of them: which item is decided.")
    if decision.item_id is not None:
        return decision.item_id, False
    title = " ".join((decision.title or "").split())
    # An agent that calls again, or knows the item by its name only, means the one that is there.
    known = Item.objects.filter(project_id=caller.project_id, title__iexact=title)
    found = known.order_by("-state_version", "-id").values_list("id", flat=True).first()
    if found is not None:
        return found, False
    return items.add_item(caller.project_id, caller.actor, title=title).id, True


TOOL = Tool(
    name="record_decision",
    title="Record a decision",
    description=(
        "Record that something was decided, and why: an item of the project, by `item_id` or by `title`. For"
        " what is decided, not for what you would like: ask_question leaves it to people. Recording the same"
        " again changes nothing; another reason or outcome is a newer decision. People can reopen it."
    ),
    scope=Scope.ITEMS,
    takes=Decision,
    gives=Decided,
    run=_record_decision,
    is_idempotent=True,
)
