"""Active blockers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from sessions_app.panels.viewing import Viewing

NAME = "blockers"
TEMPLATE = "panels/_blockers.html"
MOST_SHOWN = 6


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
