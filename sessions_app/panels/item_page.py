"""What an item's own page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format

from sessions_app.insights.durations import counted
from sessions_app.insights.wording import as_sentence
from sessions_app.models import Activity, Item, ItemDependency
from sessions_app.models.items import State
from sessions_app.panels import blockers, waiting
from sessions_app.panels.ledger_lines import line, who
from sessions_app.panels.ledger_words import ITEM_VERBS
from sessions_app.panels.paging import ROWS_SHOWN
from sessions_app.panels.viewing import Viewing

MOST_CANDIDATES = 50
MOST_HISTORY = 200


@dataclass(frozen=True)
class Happened:
    who: str
    is_agent: bool
    verb: str
    at: dt.datetime
    before: str
    after: str
    reason: str
    # What else is to be told of it, a sentence each.
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Theirs:
    """The item as somebody else saved it, beside what one typed oneself."""

    title: str
    text: str
    version: int
    changed_at: dt.datetime
    who: str


def context(view: Viewing, item_id: UUID) -> dict[str, Any]:
    """`item`, its `history`, the beginning of what it `waits_for` and `holds_up`, and what it `supersedes`.

    `stopped_by` are its open blockers, with what one chooses from to raise another. And what the other
    forms offer: `candidates` to wait for, titles to name.
    """
    item = Item.objects.filter(project_id=view.project_id, id=item_id).with_names().first()
    if item is None:
        raise Http404
    history = (
        Activity.objects.filter(project_id=view.project_id, item_id=item_id)
        .select_related("actor")
        .order_by("-id")[:MOST_HISTORY]
    )
    candidates = list(
        Item.objects.filter(project_id=view.project_id, state=State.EXPLORING)
        .exclude(id=item_id)
        .exclude(id__in=ItemDependency.objects.filter(waiting=item).values("blocking_id"))
        .order_by("-changed_at", "-id")[:MOST_CANDIDATES]
    )
    decided = Item.objects.in_state(State.DECIDED).filter(project_id=view.project_id).exclude(id=item_id)
    return {
        "item": item,
        "supersedes": list(item.supersedes.order_by("title", "id")),
        "undecided_titles": [other.title for other in candidates],
        "decided_titles": list(decided.newest_first().values_list("title", flat=True)[:MOST_CANDIDATES]),
        "history": [_happened(row) for row in history],
        "waits_for": waiting.waits_for(view.project_id, item_id, most=ROWS_SHOWN),
        "holds_up": waiting.holds_up(view.project_id, item_id, most=ROWS_SHOWN),
        "candidates": candidates,
        "stopped_by": blockers.stopping(view, item_id),
        **blockers.choices(view),
    }


def theirs(item: Item) -> Theirs:
    """What the other one saved, who and when: the ledger's last word on this item."""
    last = (
        Activity.objects.filter(project_id=item.project_id, item_id=item.id)
        .select_related("actor")
        .order_by("-id")
        .first()
    )
    by = who(last) if last else ""
    return Theirs(item.title, item.text, item.version, item.changed_at, by)


def _happened(row: Activity) -> Happened:
    told = line(row)
    return Happened(
        who=who(row),
        is_agent=row.actor_kind == "agent",
        verb=ITEM_VERBS[row.kind],
        at=row.created_at,
        before=told.before,
        after=told.after,
        reason=told.reason,
        notes=tuple(_notes(row.kind, row.data)),
    )


def _notes(kind: str, data: dict[str, Any]) -> Iterator[str]:
    if outcome := data.get("outcome"):
        yield f"It came out as: {outcome}."
    if alternatives := data.get("alternatives"):
        yield f"Instead of: {'; '.join(alternatives)}."
    for other in data.get("supersedes", ()):
        yield f"It takes the place of “{other['title']}”."
    if waited_for := data.get("blocking"):
        yield f"For “{waited_for['title']}”."
    if kind == "item.edited":
        yield from _edited(data)
    if kind == "item.woke" and (how := data.get("how")):
        yield as_sentence(how[:1].upper() + how[1:])
    yield from _appointments(data)


def _edited(data: dict[str, Any]) -> Iterator[str]:
    before = data["before"]
    if before["title"] != data["title"]:
        yield f"“{before['title']}” became “{data['title']}”."
    if before["text"] != data["text"]:
        yield "The text was changed."


def _appointments(data: dict[str, Any]) -> Iterator[str]:
    """When it will come back by itself, and why."""
    if wake_item := data.get("wake_item"):
        yield f"It wakes up when “{wake_item['title']}” is decided."
    if visits := data.get("wake_sessions"):
        yield f"It wakes up after {counted(visits, 'visit')}."
    for key, words in (
        ("wake_at", "It wakes up"),
        ("review_at", "To be looked at again"),
        ("parks_at", "It parks itself"),
    ):
        if data.get(key):
            day = timezone.localdate(dt.datetime.fromisoformat(data[key]))
            yield f"{words} on {date_format(day, 'j F Y')}."
