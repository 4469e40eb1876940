"""One ledger row as a line that people read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from sessions_app.models import Activity
from sessions_app.panels.addresses import message_url, row_url
from sessions_app.panels.ledger_words import VERBS


@dataclass(frozen=True)
class Line:
    id: int
    kind: str
    verb: str
    subject: str
    url: str
    before: str
    after: str
    reason: str
    at: dt.datetime


def line(row: Activity) -> Line:
    """The verb, what it is about, from what to what, and why or by what."""
    data = row.data
    is_state = row.kind in ("item.added", "item.decided", "item.parked", "item.explored", "item.deleted")
    return Line(
        id=row.id,
        kind=row.kind,
        verb=VERBS[row.kind],
        subject=_subject(data),
        url=_url(row),
        before=str(data.get("before", "")) if is_state else "",
        after=str(data.get("after", "")) if is_state else "",
        reason=str(data.get("reason") or data.get("how") or ""),
        at=row.created_at,
    )


def who(row: Activity, me_id: UUID | None = None) -> str:
    """Who did it, as somebody reads it; to `me_id` it is "You"."""
    if row.actor_id is not None and row.actor_id == me_id:
        return "You"
    return str(row.actor) if row.actor else row.actor_agent or "Leftoff"


def _subject(data: dict[str, Any]) -> str:
    member = data.get("member")
    if isinstance(member, dict):
        return str(member.get("name", ""))
    return str(data.get("title") or data.get("text") or data.get("after") or "")


def _url(row: Activity) -> str:
    if row.kind == "item.deleted":
        return ""
    if row.item_id:
        return reverse("item", args=[row.project_id, row.item_id])
    # What was said: of a question that was answered, the answer.
    if row.message_id:
        return message_url(row.project_id, row.message_id)
    # A blocker may hang on a question, which is told by itself.
    if row.blocker_id:
        return row_url(row.project_id, "blocker", row.blocker_id)
    return row_url(row.project_id, "question", row.question_id) if row.question_id else ""
