"""Waking what is parked: on its day, when another item is decided, or after so many visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet

from sessions_app import ledger
from sessions_app.db import queries
from sessions_app.insights.durations import counted
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Item
from sessions_app.models.items import State
from sessions_app.services.errors import Invalid

MOST_SESSIONS = 50


def check_wake_up(
    item: Item,
    now: dt.datetime,
    *,
    wake_at: dt.datetime | None,
    wake_item_id: UUID | None,
    wake_sessions: int | None,
) -> Item | None:
    """Judge what is to wake an item; returns the other item whose decision does, if that is it.

    Raises Invalid naming the field: at most one of the three, and one that can still come; items that sleep
    until one another are decided would never wake.
    """
    given = {"wake_at": wake_at, "wake_item_id": wake_item_id, "wake_sessions": wake_sessions}
    chosen = [name for name, value in given.items() if value is not None]
    if len(chosen) > 1:
        raise Invalid(chosen[1], "cannot stand beside another wake-up: a date, an item or visits.")
    if wake_at is not None and wake_at <= now:
        raise Invalid("wake_at", "must be in the future.")
    if wake_sessions is not None and not 1 <= wake_sessions <= MOST_SESSIONS:
        raise Invalid("wake_sessions", f"must be from 1 to {MOST_SESSIONS}.")
    if wake_item_id is None:
        return None
    other = Item.objects.filter(project_id=item.project_id, id=wake_item_id).exclude(id=item.id).first()
    if other is None:
        raise Invalid("wake_item_id", "must be another item of this project.")
    if other.is_decided:
        raise Invalid("wake_item_id", "is decided already: nothing would wake this.")
    if _sleeps_until(other, item):
        raise Invalid("wake_item_id", "waits for this one itself: neither would ever wake.")
    return other


def wake_due(project_id: UUID, now: dt.datetime) -> int:
    """Wake the parked items whose day or number of visits has come; returns how many.

    Run by the upkeep job. The visits are those of whoever parked the item; of anybody where that was no
    person, or one who is no member any more.
    """
    with ledger.change(project_id, Actor.system()) as change:
        asleep = _asleep(project_id)
        by_day = list(asleep.filter(wake_at__lte=now))
        visited = queries.rows("visited_enough", {"project": project_id})
        by_visits = list(asleep.filter(id__in=[row["id"] for row in visited]))
        _wake(change, now, ((item, "its day came") for item in by_day))
        _wake(change, now, ((item, counted(item.wake_sessions or 0, "visit")) for item in by_visits))
    return len(by_day) + len(by_visits)


def wake_after_decision(change: Change, decided: Sequence[Item]) -> None:
    """Wake what was parked until one of these items is decided."""
    titles = {item.id: item.title for item in decided}
    _wake(change, change.now, _waiting(change, titles, "was decided"))


def wake_after_deletion(change: Change, item: Item) -> None:
    """Wake what was parked until this item is decided: it never will be."""
    _wake(change, change.now, _waiting(change, {item.id: item.title}, "was deleted"))


def _waiting(change: Change, titles: Mapping[UUID, str], what: str) -> Iterator[tuple[Item, str]]:
    for item in _asleep(change.project_id).filter(wake_item_id__in=list(titles)):
        assert item.wake_item_id is not None
        yield item, f"“{titles[item.wake_item_id]}” {what}"


def _sleeps_until(item: Item, end: Item) -> bool:
    """Whether an item sleeps until another is decided, be it over further items that sleep."""
    asleep = _asleep(item.project_id).filter(wake_item__isnull=False)
    until: dict[UUID, UUID | None] = dict(asleep.values_list("id", "wake_item_id"))
    at: UUID | None = item.id
    # Taken out as it goes, so that it ends whatever is stored.
    while at is not None and at != end.id:
        at = until.pop(at, None)
    return at == end.id


def _asleep(project_id: UUID) -> QuerySet[Item]:
    return Item.objects.filter(project_id=project_id, state=State.PARKED, woke_at__isnull=True)


def _wake(change: Change, now: dt.datetime, woken: Iterable[tuple[Item, str]]) -> None:
    """Mark items as woken, each with how; they stay parked."""
    for item, how in woken:
        item.woke_at, item.version = now, change.version
        item.save(update_fields=["woke_at", "version"])
        change.record(
            Kind.ITEM_WOKE,
            actor=Actor.system(),
            item_id=item.id,
            title=item.title,
            reason=item.reason,
            how=how,
            after=State.PARKED,
        )
