""" "Decided without you": what others decided, and this person has neither accepted nor contested."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from sessions_app.models import Item
from sessions_app.panels import decided
from sessions_app.panels.viewing import Viewing

NAME = "unseen"
TEMPLATE = "panels/_unseen.html"
FOLLOWS = ("item.",)
DECISIONS_A_PAGE = 50


@dataclass(frozen=True)
class DecisionShown:
    id: UUID
    url: str
    title: str
    reason: str
    outcome: str
    decided_version: int
    at: dt.datetime
    by: str
    by_agent: bool
    is_contested: bool


def key(view: Viewing) -> Hashable:
    """Which decisions one has not seen."""
    return view.told("firstDecisionsUnseen"), view.summary.unseen


def context(view: Viewing) -> dict[str, Any]:
    """`unseen`: the newest few, which the summary brought along, and `unseen_total`."""
    first_ones = view.summary.raw["firstDecisionsUnseen"]
    return {
        "unseen": [_from_summary(view, row) for row in first_ones],
        "unseen_total": view.summary.unseen,
    }


def page_context(view: Viewing, older: str) -> dict[str, Any]:
    """`unseen`, a page of all, newest first, and `older`: the next page's cursor or "".

    Raises ValueError for no cursor.
    """
    found = Item.objects.unseen_decisions(view.me.id, view.project_id, view.summary.unseen_base)
    rows, next_older = decided.page(found, older, DECISIONS_A_PAGE)
    return {
        "unseen": [_from_item(row) for row in rows],
        "unseen_total": view.summary.unseen,
        "older": next_older,
    }


def _from_summary(view: Viewing, row: dict[str, Any]) -> DecisionShown:
    at = parse_datetime(row["at"])
    assert at is not None
    return DecisionShown(
        id=UUID(row["id"]),
        url=reverse("item", args=[view.project_id, row["id"]]),
        title=row["title"],
        reason=row["reason"],
        outcome=row["outcome"],
        decided_version=row["decidedVersion"],
        at=at,
        by=row["by"],
        by_agent=row["byAgent"],
        is_contested=row["isContested"],
    )


def _from_item(item: Item) -> DecisionShown:
    assert item.decided_version is not None
    return DecisionShown(
        id=item.id,
        url=reverse("item", args=[item.project_id, item.id]),
        title=item.title,
        reason=item.reason,
        outcome=item.outcome,
        decided_version=item.decided_version,
        at=item.state_changed_at,
        by=item.state_by_agent or str(item.state_by or "") or ", ".join(item.import_people) or "Leftoff",
        by_agent=item.state_by_agent != "",
        is_contested=item.contested_at is not None,
    )
