"""hand_off: what is left for whoever goes on."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from sessions_app.insights.activity_shapes import (
    MAX_LIST,
    MAX_TEXT,
    BadActivity,
    read_label,
    read_text,
    read_texts,
)
from sessions_app.insights.hand_overs import hand_off_details
from sessions_app.mcp.tool import Answer, Arguments, Given, Tool
from sessions_app.mcp.tools.fields import EventId
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.bearers import Scope
from sessions_app.services import agents
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.errors import Invalid

Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]


class HandOff(Arguments):
    to_agent: str = Field(
        "",
        max_length=AGENT_TYPE_MAX_CHARACTERS,
        description="The name of the agent it is meant for; left out: whoever comes next",
        examples=["PlannerAgent"],
    )
    summary: Text = Field(
        description="Where you left off: what is done, what is not, what you found out",
        examples=["Three halls compared; the mill hall fits, its price is not settled."],
    )
    next_steps: list[Text] = Field(
        default_factory=list,
        max_length=MAX_LIST,
        description="What to do next, most important first",
        examples=[["Ask the mill hall for a price in writing"]],
    )
    event_id: EventId = None


class HandedOff(Given):
    id: UUID | None = Field(description="Of the report; null where its eventId was taken in before")
    to_agent: str | None
    summary: str
    next_steps: list[str]


def _hand_off(caller: AgentCaller, given: HandOff) -> Answer:
    try:
        to = read_label(given.to_agent, "to_agent")
        summary = read_text(given.summary, "summary")
        following = read_texts(given.next_steps, "next_steps")
    except BadActivity as bad:
        raise Invalid(bad.field, bad.rule) from bad
    if to == caller.agent_type:
        raise Invalid("to_agent", "must be another agent than yourself; leave it out for whoever comes next.")
    row = agents.post_agent_activity(
        caller.project_id,
        agent_type=caller.agent_type,
        action=f"handed off to {to}" if to else "handed off",
        details=hand_off_details(summary, to, following),
        token_id=caller.token_id,
        event_id=given.event_id,
    )
    handed = HandedOff(
        id=row.id if row else None, to_agent=to or None, summary=summary, next_steps=list(following)
    )
    if row is None:
        return Answer(f"Hand-off {given.event_id} was taken in before; it counts once.", handed)
    return Answer(f"Handed off to {to or 'whoever comes next'}: it stands first in their briefing.", handed)


TOOL = Tool(
    name="hand_off",
    title="Hand off",
    description=(
        "Say where you left off when you stop, for another agent or for whoever comes next: it stands first"
        " in their briefing, and people see it in the feed."
    ),
    scope=Scope.ACTIVITY,
    takes=HandOff,
    gives=HandedOff,
    run=_hand_off,
)
