"""The history of sessions."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sessions_app.db.planning import by_index
from sessions_app.models import HandOff, Membership, Session
from sessions_app.panels.paging import newest_page

SESSIONS_A_PAGE = 50


@dataclass(frozen=True)
class SessionShown:
    id: UUID
    who: str
    is_mine: bool
    start: dt.datetime
    end: dt.datetime | None
    is_active: bool
    minutes: int
    decided: int
    exploring: int
    parked: int
    questions: int
    # What its person left for whoever came next, or "".
    note: str


def context(membership: Membership, older: str) -> dict[str, Any]:
    """`sessions`, newest first, and `older`: the next page's cursor or "". Raises ValueError."""
    rows, next_older = page(membership, older, SESSIONS_A_PAGE)
    notes = dict(
        HandOff.objects.filter(project_id=membership.project_id, session__in=rows).values_list(
            "session_id", "text"
        )
    )
    return {
        "membership": membership,
        "project": membership.project,
        "sessions": [_shown(session, membership, notes.get(session.id, "")) for session in rows],
        "older": next_older,
    }


def page(membership: Membership, older: str, most: int) -> tuple[list[Session], str]:
    """The sessions this member may see, newest first, and the next page's cursor or "".

    All of the project's for its owners, one's own for others. Raises ValueError for no cursor.
    """
    found = Session.objects.filter(project_id=membership.project_id).select_related("user")
    if not membership.is_owner:
        found = found.filter(user_id=membership.user_id)
    # An index has everybody's in this order; of one person's there are few to be sorted.
    with by_index() if membership.is_owner else nullcontext():
        return newest_page(found, "session_start", older, most)


def _shown(session: Session, membership: Membership, note: str) -> SessionShown:
    snapshot = session.snapshot_at_start
    until = session.session_end or session.last_activity
    return SessionShown(
        id=session.id,
        who=str(session.user),
        is_mine=session.user_id == membership.user_id,
        start=session.session_start,
        end=session.session_end,
        is_active=session.is_active,
        minutes=int((until - session.session_start).total_seconds() // 60),
        decided=snapshot["decided"],
        exploring=snapshot["exploring"],
        parked=snapshot["parked"],
        questions=snapshot["pending_questions"],
        note=note,
    )
