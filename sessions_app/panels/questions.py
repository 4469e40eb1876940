"""Questions that wait for an answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from sessions_app.models import Question, QuestionItem
from sessions_app.models.items import State
from sessions_app.panels.blockers import ItemNamed
from sessions_app.panels.viewing import Viewing

NAME = "questions"
TEMPLATE = "panels/_questions.html"
FOLLOWS = ("question.", "item.")
MOST_SHOWN = 20


@dataclass(frozen=True)
class QuestionShown:
    id: UUID
    text: str
    agent_type: str
    # For whom it is asked, by name: a person who contests a decision; "": for the agent itself.
    asked_by: str
    importance: str
    category: str
    options: tuple[str, ...]
    asked_at: dt.datetime
    expires_at: dt.datetime | None
    blocked_items: tuple[ItemNamed, ...]

    @property
    def blocked_count(self) -> int:
        return len(self.blocked_items)


def context(view: Viewing) -> dict[str, Any]:
    """`questions` that are open, those that hold something up first, and `questions_total`."""
    return {"questions": open_questions(view, MOST_SHOWN), "questions_total": view.summary.questions}


def open_questions(view: Viewing, most: int | None = None) -> list[QuestionShown]:
    """Every open question, those that hold something up first: what the panel's count counts."""
    waiting = (
        QuestionItem.objects.filter(question=OuterRef("id"), item__state=State.EXPLORING)
        .order_by("item__changed_at", "item_id")
        .values(json=JSONObject(id=F("item__id"), title=F("item__title")))
    )
    rows = (
        Question.objects.open()
        .filter(project_id=view.project_id)
        .select_related("asked_by")
        .annotate(waiting=ArraySubquery(waiting))
        .order_by("-blocks", "created_at", "id")[:most]
    )
    return [_shown(row) for row in rows]


def _shown(row: Any) -> QuestionShown:  # noqa: ANN401 -- a Question with `waiting` annotated
    return QuestionShown(
        id=row.id,
        text=row.text,
        agent_type=row.agent_type,
        asked_by=str(row.asked_by or ""),
        importance=row.importance,
        category=row.category,
        options=tuple(row.options),
        asked_at=row.created_at,
        expires_at=row.expires_at,
        blocked_items=tuple(ItemNamed(UUID(item["id"]), item["title"]) for item in row.waiting),
    )
