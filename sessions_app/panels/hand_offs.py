"""A hand-off in the making: its draft, and what happened in the session that it sums up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sessions_app import clock
from sessions_app.insights import hand_off_draft
from sessions_app.insights.hand_off_draft import Happened, Stuck
from sessions_app.insights.wording import word_step
from sessions_app.models import Activity, HandOff, Session
from sessions_app.panels import changes
from sessions_app.panels.steps import known_rows
from sessions_app.panels.viewing import Viewing

# A visit in which more happened is summed up by its newest part.
MOST_FACTS = 1_000


def context(view: Viewing) -> dict[str, Any]:
    """`text` to begin with, the `session` it is of (None: there was none yet), and what `changes` it saw."""
    session = Session.objects.of(view.me.id, view.project_id).latest_one()
    if session is None:
        return {"session": None}
    here = HandOff.objects.filter(project_id=view.project_id, session=session).first()
    return {
        "session": session,
        "text": here.text if here else draft_of(session, view.summary.raw),
        "changes": changes.between(view, session.start_version, session.end_version),
    }


def draft_of(session: Session, summary: Mapping[str, Any]) -> str:
    """The draft for a session of whoever has just read `summary`."""
    rows = (
        Activity.objects.since(session.start_version)
        .filter(
            project_id=session.project_id,
            version__lte=session.end_version,
            kind__in=hand_off_draft.KINDS,
        )
        .select_related("actor")[:MOST_FACTS]
    )
    now = clock.now()
    return hand_off_draft.draft(
        [_happened(row, session) for row in reversed(list(rows))],
        [
            word_step(row, now).text
            for row, _mark in known_rows(summary["suggestedNextSteps"])
            # What is stuck has a line of its own.
            if not row.id.startswith("blocker:")
        ],
        [Stuck(blocker["text"], blocker["agent_type"]) for blocker in summary["activeBlockers"]],
    )


def _happened(row: Activity, session: Session) -> Happened:
    own = row.actor_id == session.user_id
    return Happened(
        kind=row.kind,
        subject_id=str(row.item_id or row.question_id),
        subject=str(row.data.get("title") or row.data.get("text") or ""),
        reason=str(row.data.get("reason") or ""),
        by="" if own else str(row.actor) if row.actor else row.actor_agent or "Leftoff",
        by_agent=row.actor_agent != "",
    )
