"""Active blockers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.dateparse import parse_datetime

from sessions_app.models import Blocker, BlockerItem
from sessions_app.models.items import State
from sessions_app.models.questions import QuestionStatus
from sessions_app.panels.viewing import Viewing

NAME = "blockers"
TEMPLATE = "panels/_blockers.html"
FOLLOWS = ("blocker.", "item.", "question.")
MOST_SHOWN = 6
MOST_ITEMS_NAMED = 3


@dataclass(frozen=True)
class ItemNamed:
    id: UUID
    title: str


@dataclass(frozen=True)
class BlockerShown:
    id: UUID
    text: str
    type: str
    source: str
    agent_type: str
    since: dt.datetime | None
    blocked_count: int
    items: tuple[ItemNamed, ...]
    item_id: UUID | None
    question_id: UUID | None


def context(view: Viewing) -> dict[str, Any]:
    """`blockers` that are open, most blocking first, and `blockers_total`."""
    return {
        "blockers": [_shown(row) for row in view.summary.raw["activeBlockers"][:MOST_SHOWN]],
        "blockers_total": view.summary.blockers,
    }


def all_open(view: Viewing) -> list[BlockerShown]:
    """Every open blocker, oldest first: what the panel's count counts."""
    rows = (
        Blocker.objects.open()
        .filter(project_id=view.project_id)
        .prefetch_related(
            Prefetch(
                "blocked_items",
                BlockerItem.objects.filter(item__state=State.EXPLORING).select_related("item"),
            )
        )
        .select_related("question")
        .order_by("created_at", "id")
    )
    return [_from_row(row) for row in rows]


def _from_row(row: Blocker) -> BlockerShown:
    stopped = [ItemNamed(link.item.id, link.item.title) for link in row.blocked_items.all()]
    return BlockerShown(
        id=row.id,
        text=row.text,
        type=row.type,
        source=row.source,
        agent_type=row.agent_type,
        since=row.created_at,
        blocked_count=len(stopped),
        items=tuple(stopped[:MOST_ITEMS_NAMED]),
        item_id=row.item_id,
        question_id=row.question.id if row.question and row.question.status == QuestionStatus.OPEN else None,
    )


def _shown(row: dict[str, Any]) -> BlockerShown:
    return BlockerShown(
        id=UUID(row["id"]),
        text=row["text"],
        type=row["type"],
        source=row["source"],
        agent_type=row["agent_type"],
        since=parse_datetime(row["since"]),
        blocked_count=row["blocked_count"],
        items=tuple(ItemNamed(UUID(item["id"]), item["title"]) for item in row["items"]),
        item_id=UUID(row["item_id"]) if row["item_id"] else None,
        question_id=UUID(row["question_id"]) if row["question_id"] else None,
    )
