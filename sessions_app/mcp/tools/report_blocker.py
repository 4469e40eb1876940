"""report_blocker: what stops items from being decided."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import Field

from sessions_app.mcp.tool import Answer, Arguments, Given, Tool
from sessions_app.mcp.tools.fields import ItemIds
from sessions_app.models.bearers import Scope
from sessions_app.models.blockers import BlockerStatus
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS
from sessions_app.services import blockers
from sessions_app.services.bearers import AgentCaller


class Reported(Arguments):
    text: str = Field(
        min_length=1,
        max_length=ASKED_TEXT_MAX_CHARACTERS,
        description="What is in the way, in a sentence",
        examples=["The fire service has not answered"],
    )
    type: Literal["information", "decision", "clarification"] = Field(
        description="information: something is not known; decision: something must be decided first;"
        " clarification: something can be understood in two ways"
    )
    blocks: ItemIds = Field(default_factory=list, description="Ids of the items it stops")


class Raised(Given):
    id: UUID
    text: str
    type: str
    status: str = Field(description="dismissed: people said before that it does not matter")
    times_seen: int = Field(description="More than 1: it was there already, and is counted, not raised twice")
    blocks: list[UUID]
    since: dt.datetime


def _report_blocker(caller: AgentCaller, reported: Reported) -> Answer:
    blocker = blockers.raise_blocker(
        caller.project_id,
        caller.agent_type,
        text=reported.text,
        kind=reported.type,
        blocks=reported.blocks,
    )
    raised = Raised(
        id=blocker.id,
        text=blocker.text,
        type=blocker.type,
        status=blocker.status,
        times_seen=blocker.times_seen,
        blocks=sorted(row.item_id for row in blocker.blocked_items.all()),
        since=blocker.created_at,
    )
    if blocker.status == BlockerStatus.DISMISSED:
        return Answer(f"People dismissed this before (blocker {blocker.id}): it is only counted.", raised)
    return Answer(
        f"Reported as blocker {blocker.id}. When it is solved, say so: post_activity with"
        f' details {{"resolves": ["{blocker.id}"]}}.',
        raised,
    )


TOOL = Tool(
    name="report_blocker",
    title="Report a blocker",
    description=(
        "Say what stops items from being decided and is not yours to solve. Where a person could simply"
        " answer, use ask_question with `blocks` instead. It clears when its cause is gone, or when you"
        " report it solved: post_activity with its id in `details.resolves`."
    ),
    scope=Scope.ACTIVITY,
    takes=Reported,
    gives=Raised,
    run=_report_blocker,
    is_idempotent=True,
)
