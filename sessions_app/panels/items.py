"""The items in three columns, a page of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from sessions_app.db import queries
from sessions_app.insights.standstill import parks_at, still_for
from sessions_app.models.items import State
from sessions_app.panels.blockers import ItemNamed
from sessions_app.panels.viewing import Viewing

NAME = "items"
TEMPLATE = "panels/_items.html"
# A message that is deleted takes its quotes along.
FOLLOWS = ("item.", "message.deleted")
CARDS_A_PAGE = 10
# On a page of its own a column shows more at once.
CARDS_A_FULL_PAGE = 50
# What a card is made from and does not have itself.
_NOT_SHOWN = ("waits_for", "idle_warned_at")


@dataclass(frozen=True)
class ItemCard:
    id: UUID
    url: str
    title: str
    text: str
    state: str
    reason: str
    outcome: str
    citation_quote: str
    citation_message_id: UUID | None
    citation_confidence: float | None
    changed_at: dt.datetime
    state_changed_at: dt.datetime
    state_by_name: str
    state_by_is_agent: bool
    wake_at: dt.datetime | None
    wake_item: ItemNamed | None
    wake_sessions: int | None
    woke_at: dt.datetime | None
    contested_at: dt.datetime | None
    contested_by: str
    contest_reason: str
    review_at: dt.datetime | None
    review_due_at: dt.datetime | None
    import_people: tuple[str, ...]
    waits_for: tuple[ItemNamed, ...]
    holds_up: int
    version: int
    # When it came into its state, and by which person: for whom it is new.
    state_version: int
    state_by_id: UUID | None
    # For how many days nothing moved, where that is worth a word, and when it parks itself.
    still_for: int | None
    parks_at: dt.datetime | None

    @property
    def has_wake_up(self) -> bool:
        return any((self.woke_at, self.wake_at, self.wake_item, self.wake_sessions))

    @property
    def is_to_review(self) -> bool:
        return self.contested_at is not None or self.review_due_at is not None


@dataclass(frozen=True)
class Column:
    state: str
    label: str
    total: int
    items: tuple[ItemCard, ...]
    next: str


def key(view: Viewing) -> Hashable:
    """What is new to whom is a hole, the rest the same for all."""
    summary = view.summary
    totals = (summary.exploring, summary.decided_now, summary.parked)
    return summary.version, view.members, totals, view.project.idle_park_days


def context(view: Viewing) -> dict[str, Any]:
    """`columns`: exploring, decided, parked, each with its first page of cards; titles to choose from."""
    found = _cards(view, [*State.values], None, CARDS_A_PAGE)
    return {
        "columns": [
            _column(view, state, [row for row in found if row["state"] == state], CARDS_A_PAGE)
            for state in State
        ],
        **_titles(found),
    }


def column_page(view: Viewing, state: str, after: tuple[int, UUID]) -> dict[str, Any]:
    """`column`: one further page of one column, after the given place."""
    return {"column": _column(view, State(state), _cards(view, [state], after, CARDS_A_PAGE), CARDS_A_PAGE)}


def column_full_page(view: Viewing, state: str, after: tuple[int, UUID]) -> dict[str, Any]:
    """`column`: a longer page, where it has one to itself; and titles to choose from."""
    found = _cards(view, [state], after, CARDS_A_FULL_PAGE)
    newest = _cards(view, [*State.values], None, CARDS_A_PAGE)
    return {"column": _column(view, State(state), found, CARDS_A_FULL_PAGE), **_titles(newest)}


def _titles(found: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What the fields offer that take a title; any other title can be typed."""
    return {
        "undecided_titles": [row["title"] for row in found if row["state"] != State.DECIDED],
        "decided_titles": [row["title"] for row in found if row["state"] == State.DECIDED],
    }


def parse_cursor(text: str) -> tuple[int, UUID]:
    """Read a column's `next`. Raises ValueError for anything else."""
    version, _, item_id = text.partition(":")
    if not (version.isascii() and version.isdigit() and len(version) < 19):
        raise ValueError("not a cursor")
    return int(version), UUID(item_id)


def _cards(
    view: Viewing, states: list[str], after: tuple[int, UUID] | None, most: int
) -> list[dict[str, Any]]:
    after_version, after_id = after or (None, None)
    return queries.rows(
        "item_cards",
        {
            "project": view.project_id,
            "states": states,
            "after_version": after_version,
            "after_id": after_id,
            # One more than is shown tells whether there is a next page.
            "most": most + 1,
        },
    )


def _column(view: Viewing, state: State, rows: list[dict[str, Any]], most: int) -> Column:
    shown = rows[:most]
    # Once for all: an address is looked up in a table of patterns each time it is asked for.
    items_url = reverse("item_column", args=[view.project_id])
    last = shown[-1] if len(rows) > most else None
    return Column(
        state=state,
        label=state.label,
        total=_total(view, state),
        items=tuple(_card(row, view, items_url) for row in shown),
        next=f"{last['state_version']}:{last['id']}" if last else "",
    )


def _total(view: Viewing, state: State) -> int:
    summary = view.summary
    return {
        State.EXPLORING: summary.exploring,
        State.DECIDED: summary.decided_now,
        State.PARKED: summary.parked,
    }[state]


def _card(row: dict[str, Any], view: Viewing, items_url: str) -> ItemCard:
    fields = {key: value for key, value in row.items() if key not in _NOT_SHOWN}
    wake_item = row["wake_item"]
    return ItemCard(
        **fields
        | {
            "import_people": tuple(fields["import_people"]),
            "wake_item": ItemNamed(UUID(wake_item["id"]), wake_item["title"]) if wake_item else None,
        },
        url=f"{items_url}{row['id']}/",
        waits_for=tuple(ItemNamed(UUID(item["id"]), item["title"]) for item in row["waits_for"]),
        still_for=still_for(row["changed_at"], view.now) if row["state"] == State.EXPLORING else None,
        parks_at=parks_at(row["changed_at"], row["idle_warned_at"], view.project.idle_park_days),
    )
