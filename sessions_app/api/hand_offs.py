"""Hand-offs: what people leave at the end of a session for whoever comes next."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from sessions_app.api.door import READS, ApiRequest, May, Place, operation, writes
from sessions_app.api.paging import by_time
from sessions_app.api.reading import Body, Id, Page
from sessions_app.api.showing import Data, List, Shown
from sessions_app.api.shown import HandOffShown, hand_off_shown
from sessions_app.models import HandOff, Session
from sessions_app.models.hand_offs import HAND_OFF_MAX_CHARACTERS
from sessions_app.models.projects import Role
from sessions_app.panels import hand_offs as panel
from sessions_app.services import analytics, hand_offs, sessions

router = Place("/projects/{project_id}/hand-offs", "Hand-offs")


class HandOffNew(Body):
    text: Annotated[str, StringConstraints(min_length=1, max_length=HAND_OFF_MAX_CHARACTERS)]
    # One's own session that it sums up; left out: the latest one.
    session_id: Id | None = None
    # Whether one's session ends with it.
    end: bool = Field(False)


class HandOffDraft(Shown):
    """A text to begin with; `session_id` is the session it sums up, null before one's first."""

    text: str
    session_id: UUID | None


@operation(router, "GET", "", gives={200: List[HandOffShown]}, may=READS)
def hand_off_list(request: ApiRequest, project_id: Id, query: Page) -> List[HandOffShown]:
    """The hand-offs of all members, newest first."""
    rows = HandOff.objects.filter(project_id=project_id).select_related("user")
    return by_time(rows, "created_at", query, hand_off_shown)


@operation(
    router,
    "POST",
    "",
    gives={201: Data[HandOffShown]},
    may=writes(),
    example={"text": "Decided: the mill hall. The price is still open: ask in writing.", "end": True},
)
def hand_off_leave(request: ApiRequest, project_id: Id, body: HandOffNew) -> Data[HandOffShown]:
    """Leave a note for whoever comes next. People only.

    All members see it until they had a session after it, agents in their briefing. A session has one: said
    again, the new words take the place of the old.
    """
    assert request.actor.user_id is not None
    row = hand_offs.leave_hand_off(project_id, request.actor, text=body.text, session_id=body.session_id)
    if body.end:
        sessions.end_session(request.actor.user_id, project_id)
    return Data(data=hand_off_shown(row))


@operation(router, "GET", "/draft", gives={200: Data[HandOffDraft]}, may=May(Role.EDITOR))
def hand_off_draft(request: ApiRequest, project_id: Id) -> Data[HandOffDraft]:
    """What one's latest session could be summed up as, drafted from the ledger."""
    assert request.actor.user_id is not None
    session = Session.objects.of(request.actor.user_id, project_id).latest_one()
    if session is None:
        return Data(data=HandOffDraft(text="", session_id=None))
    summary = analytics.get_summary(request.actor.user_id, project_id)
    return Data(data=HandOffDraft(text=panel.draft_of(session, summary), session_id=session.id))
