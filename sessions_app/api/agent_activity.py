"""What agents report: one at a time, or a batch."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from sessions_app.api.agent_names import agent_of
from sessions_app.api.door import READS_THAT_MAY_LAG, ApiRequest, May, Place, operation
from sessions_app.api.paging import by_time
from sessions_app.api.reading import Body, Id, JsonObject, Page, RecentMoment, optional_text
from sessions_app.api.showing import Data, List, Shown
from sessions_app.api.shown import ReportShown, report_shown
from sessions_app.metrics import intake
from sessions_app.models import AgentActivity
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.bearers import Scope
from sessions_app.models.projects import Role
from sessions_app.services import agents
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.errors import Invalid

router = Place("/projects/{project_id}/agent-activity", "Agent activity")
MOST_IN_A_BATCH = 100
# It waits in the intake: taking it in keeps nobody's session alive.
MAY = May(Role.EDITOR, Scope.ACTIVITY, writes=True, is_activity=True)


class Report(Body):
    """What an agent did. What `details` may hold, and what becomes of it, is in docs/api/agents.md."""

    # Told by an agent's token; people who report for an agent name it.
    agent_type: str = optional_text(AGENT_TYPE_MAX_CHARACTERS)
    action: str = Field(min_length=1, max_length=agents.ACTION_MAX_CHARACTERS)
    details: JsonObject = Field(default_factory=dict)
    # The agent's own clock: stored and shown, never used for order.
    occurred_at: RecentMoment | None = None
    # The same id counts once.
    event_id: Id | None = None


class Batch(Body):
    activities: list[Report] = Field(min_length=1, max_length=MOST_IN_A_BATCH)


class Taken(Shown):
    """`id` of the report; null where its `eventId` was taken in before."""

    id: UUID | None
    event_id: UUID | None


_EXAMPLE = {
    "action": "checked the plan",
    "details": {"gaps": [{"description": "Nobody said who holds the keys", "importance": "high"}]},
    "eventId": "5f3fd0d6-6a7d-4e57-9d0e-3a1b9f5f8f10",
}


@operation(router, "GET", "", gives={200: List[ReportShown]}, may=READS_THAT_MAY_LAG)
def activity_list(request: ApiRequest, project_id: Id, query: Page) -> List[ReportShown]:
    """The feed of reports, newest first."""
    return by_time(AgentActivity.objects.filter(project_id=project_id), "received_at", query, report_shown)


@operation(router, "POST", "", gives={202: Data[Taken]}, may=MAY, example=_EXAMPLE)
def activity_post(request: ApiRequest, project_id: Id, body: Report) -> Data[Taken]:
    """Report what an agent did; kept for good before it is answered, folded a moment later."""
    taken = _take_in(request, project_id, body)
    intake.note_again(taken.id is None)
    return Data(data=taken)


@operation(
    router, "POST", "/batch", gives={202: Data[list[Taken]]}, may=MAY, example={"activities": [_EXAMPLE]}
)
def activity_batch(request: ApiRequest, project_id: Id, body: Batch) -> Data[list[Taken]]:
    """Report up to 100 at once: all are taken in, or none."""
    taken = []
    for place, report in enumerate(body.activities):
        try:
            taken.append(_take_in(request, project_id, report))
        except Invalid as bad:
            raise Invalid(f"activities[{place}].{bad.field}", bad.rule) from bad
    intake.note_again(sum(each.id is None for each in taken))
    return Data(data=taken)


def _take_in(request: ApiRequest, project_id: UUID, report: Report) -> Taken:
    row = agents.post_agent_activity(
        project_id,
        agent_type=agent_of(request, report.agent_type),
        action=report.action,
        details=report.details,
        occurred_at=report.occurred_at,
        token_id=request.caller.token_id if isinstance(request.caller, AgentCaller) else None,
        event_id=report.event_id,
    )
    return Taken(id=row.id if row else None, event_id=report.event_id)
