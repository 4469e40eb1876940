"""The eight session routes that existing front ends call; their wire format is DESIGN's section 5."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from sessions_app.api.door import OWN, OWN_THAT_MAY_LAG, READS, Answer, ApiRequest, May, Place, operation
from sessions_app.api.paging import NOT_A_CURSOR
from sessions_app.api.reading import Body, Id, JsonObject, Limited, UserId, optional_text
from sessions_app.api.session_rows import (
    AnalyticsRow,
    History,
    SessionRow,
    StepShown,
    SummaryShown,
    analytics_row,
    blockers_of,
    session_row,
    steps_told,
    summary_told,
)
from sessions_app.api.showing import Data, Done
from sessions_app.api.shown import BlockerShown
from sessions_app.metrics import intake
from sessions_app.models.bearers import Scope
from sessions_app.models.projects import Role
from sessions_app.models.tracking import KIND_MAX_CHARACTERS
from sessions_app.panels import history
from sessions_app.services import agents, analytics, sessions, taking_in, tracking
from sessions_app.services.bearers import AgentCaller, PersonCaller
from sessions_app.services.errors import Invalid, NotAllowed

router = Place("/sessions", "Sessions")


class SessionStart(Body):
    project_id: Id
    user_id: UserId | None = None
    # Take the active session up again if something happened in it within 30 minutes.
    resume: bool = False


class SessionEnd(Body):
    project_id: Id
    user_id: UserId | None = None


class Tracked(Body):
    project_id: Id
    user_id: UserId | None = None
    # The same id counts once. Spelled as existing front ends send it.
    event_id: Id | None = Field(None, alias="event_id")
    kind: str = optional_text(KIND_MAX_CHARACTERS)
    metadata: JsonObject = Field(default_factory=dict)


class HistoryQuery(Limited):
    """As every list, but the cursor has the name that existing front ends send."""

    before: str = Field("", max_length=200, description="`next` of the page before; left out: the first page")


_PROJECT = "6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10"


@operation(
    router,
    "POST",
    "/start",
    gives={201: Data[SessionRow], 200: Data[SessionRow]},
    may=OWN,
    example={"projectId": _PROJECT, "resume": True},
)
def session_start(request: ApiRequest, body: SessionStart) -> Answer:
    """Start a session.

    Ends any active one of this person in this project and takes the snapshot. With `resume` an active one
    whose last activity is under 30 minutes old is returned as it is, with status 200.
    """
    user_id = _own(request, body.user_id)
    session, resumed = sessions.start_session(user_id, body.project_id, resume=body.resume)
    return Answer(Data(data=session_row(session)), 200 if resumed else 201)


@operation(
    router, "POST", "/end", gives={200: Done}, may=OWN, example={"projectId": _PROJECT, "userId": "me"}
)
def session_end(request: ApiRequest, body: SessionEnd) -> Done:
    """End the active session; ending twice is fine."""
    ended = sessions.end_session(_own(request, body.user_id), body.project_id)
    return Done(message="Session ended." if ended else "There was no active session.")


@operation(router, "GET", "/summary/{user_id}/{project_id}", gives={200: Data[SummaryShown]}, may=OWN)
def session_summary(request: ApiRequest, user_id: UserId, project_id: Id) -> Data[SummaryShown]:
    """What the panel shows: when one was here last, what was decided since, what waits, what is next."""
    return summary_told(project_id, analytics.get_summary(_own(request, user_id), project_id))


@operation(router, "GET", "/analytics/{user_id}/{project_id}", gives={200: Data[AnalyticsRow]}, may=OWN)
def session_analytics(request: ApiRequest, user_id: UserId, project_id: Id) -> Data[AnalyticsRow]:
    """The analytics row, by its columns; made at first use, counts as they stand now."""
    owner = _own(request, user_id)
    summary = analytics.get_summary(owner, project_id)
    return Data(data=analytics_row(analytics.get_row(owner, project_id), summary))


@operation(
    router,
    "POST",
    "/track-activity",
    gives={202: Done},
    may=May(Role.VIEWER, Scope.ACTIVITY),
    example={
        "projectId": _PROJECT,
        "event_id": "0b2f1b6e-55a5-4a52-8d0e-3f2f5e0f7c11",
        "kind": "item.opened",
        "metadata": {"itemId": "7f3c"},
    },
)
def track_activity(request: ApiRequest, body: Tracked) -> Done:
    """Note that something was done just now; kept for good before it is answered.

    The same `event_id` counts once, with another body it is a 409. What an agent tracks goes to its feed.
    """
    if isinstance(request.caller, AgentCaller):
        if body.user_id is not None:
            raise Invalid("user_id", "is a person's; leave it out with an agent's token.")
        row = agents.post_agent_activity(
            body.project_id,
            agent_type=request.caller.agent_type,
            action=body.kind or taking_in.DEFAULT_KIND,
            details=body.metadata,
            token_id=request.caller.token_id,
            event_id=body.event_id,
        )
        is_new = row is not None
    else:
        is_new = tracking.track_activity(
            _own(request, body.user_id),
            body.project_id,
            kind=body.kind,
            metadata=body.metadata,
            event_id=body.event_id,
        )
    intake.note_again(not is_new)
    return Done(message="Noted.")


@operation(router, "GET", "/suggested-steps/{project_id}", gives={200: Data[list[StepShown]]}, may=READS)
def suggested_steps(request: ApiRequest, project_id: Id) -> Data[list[StepShown]]:
    """What to do next, in rank order, at most five; a person's own marks count, an agent has none."""
    return steps_told(project_id, _suggested(request, project_id))


@operation(router, "GET", "/blockers/{project_id}", gives={200: Data[list[BlockerShown]]}, may=READS)
def session_blockers(request: ApiRequest, project_id: Id) -> Data[list[BlockerShown]]:
    """What stops items from being decided, most blocking first, at most twenty."""
    return Data(data=blockers_of(analytics.step_facts(None, project_id)["activeBlockers"]))


@operation(router, "GET", "/history/{project_id}", gives={200: History}, may=OWN_THAT_MAY_LAG)
def session_history(request: ApiRequest, project_id: Id, query: HistoryQuery) -> History:
    """Sessions, newest first: all of the project's for owners, one's own for others.

    `next` of an answer is the `before` of the following page.
    """
    assert request.membership is not None
    try:
        rows, older = history.page(request.membership, query.before, query.limit)
    except (ValueError, OverflowError) as bad:
        raise Invalid("before", NOT_A_CURSOR) from bad
    return History(sessions=[session_row(row) for row in rows], next=older or None)


def _own(request: ApiRequest, user_id: UUID | str | None) -> UUID:
    """The caller's own id. Raises NotAllowed for anybody else's."""
    assert isinstance(request.caller, PersonCaller)
    mine = request.caller.user.id
    if user_id not in (None, "me", mine):
        raise NotAllowed("The userId must be your own: leave it out, or say “me”.")
    return mine


def _suggested(request: ApiRequest, project_id: UUID) -> list[dict[str, Any]]:
    if isinstance(request.caller, PersonCaller):
        steps: list[dict[str, Any]] = analytics.get_summary(request.caller.user.id, project_id)[
            "suggestedNextSteps"
        ]
        return steps
    return analytics.common_steps(project_id)
