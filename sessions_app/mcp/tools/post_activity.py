"""post_activity: what the agent did."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from sessions_app.mcp.tool import Answer, Arguments, Given, Tool
from sessions_app.mcp.tools.fields import EventId
from sessions_app.metrics import intake
from sessions_app.models.bearers import Scope
from sessions_app.services import agents
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.shapes import JsonObject


class Report(Arguments):
    action: str = Field(
        min_length=1,
        max_length=agents.ACTION_MAX_CHARACTERS,
        description="What you did, in a few words and the past tense",
        examples=["checked the plan against the fire rules"],
    )
    details: JsonObject = Field(
        default_factory=dict,
        description=(
            "Anything worth keeping, at most 64 KB of JSON. Known keys become more than text: `questions`"
            " (texts) are asked, `gaps` (texts, or objects with `description` and `question`) are blockers,"
            " `blocks` (item ids) says what waits for these; `resolves` (ids of blockers, and of your own"
            " questions) ends what you solved or need no more, `fills` (blocker ids) what you found out."
        ),
        examples=[{"gaps": [{"description": "Nobody said who holds the keys", "importance": "high"}]}],
    )
    event_id: EventId = None


class Taken(Given):
    id: UUID | None = Field(description="Of the report; null where its eventId was taken in before")
    event_id: UUID | None
    counted_before: bool


def _post_activity(caller: AgentCaller, report: Report) -> Answer:
    row = agents.post_agent_activity(
        caller.project_id,
        agent_type=caller.agent_type,
        action=report.action,
        details=report.details,
        token_id=caller.token_id,
        event_id=report.event_id,
    )
    intake.note_again(row is None)
    taken = Taken(id=row.id if row else None, event_id=report.event_id, counted_before=row is None)
    if row is None:
        return Answer(f"Report {report.event_id} was taken in before; it counts once.", taken)
    return Answer(f"Taken in as report {row.id}; what follows from it is there in a moment.", taken)


TOOL = Tool(
    name="post_activity",
    title="Report what you did",
    description=(
        "Tell the team what you did: it stands in the project's feed, and people see that you are at work."
        " Report as you go, a few words each; not every thought. Your decisions, questions and blockers have"
        " tools of their own."
    ),
    scope=Scope.ACTIVITY,
    takes=Report,
    gives=Taken,
    run=_post_activity,
)
