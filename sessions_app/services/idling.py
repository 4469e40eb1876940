"""Items that stand still: kept by a person, or parked by the system where the owner wants that."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sessions_app import ledger
from sessions_app.insights import standstill
from sessions_app.insights.durations import counted
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Item, Project
from sessions_app.models.items import State
from sessions_app.services import asking, dependencies, items, moving
from sessions_app.services.errors import Conflict

# An old project that was just imported stands still as a whole: so many of it at a time.
BATCH_ITEMS = 200


@dataclass(frozen=True)
class Stood:
    """How many items a run warned of, and how many it parked."""

    warned: int = 0
    parked: int = 0


def keep_item(project_id: UUID, actor: Actor, item_id: UUID) -> Item:
    """Say that an item that stands still stays open: it counts as moved now.

    One that does not stand still is kept already. Raises NotFound, and Conflict when the item is not
    exploring.
    """
    with ledger.change(project_id, actor) as change:
        item = items.get_item(project_id, item_id)
        if not item.is_exploring:
            raise Conflict(f"This item is {item.state}, not exploring.", current=item)
        if item.idle_warned_at is None and standstill.still_for(item.changed_at, change.now) is None:
            return item
        item.version, item.changed_at, item.idle_warned_at = change.version, change.now, None
        item.save(update_fields=["version", "changed_at", "idle_warned_at"])
        change.record(Kind.ITEM_KEPT, item_id=item.id, title=item.title)
    return item


def warn_and_park(project_id: UUID, now: dt.datetime) -> Stood:
    """Warn of items that will park themselves, and park those whose time has come; one batch of each.

    Run by the upkeep job. What is left for the next run is found again (`projects_with_upkeep` in
    sql/functions/upkeep_v2.sql, which says the same of what is due).
    """
    park_days = _park_days(project_id)
    if park_days is None:
        return Stood()
    with ledger.change(project_id, Actor.system()) as change:
        still = Item.objects.in_state(State.EXPLORING).filter(project_id=project_id).order_by("changed_at")
        warning = dt.timedelta(days=standstill.WARNING_DAYS)
        moved_before = now - dt.timedelta(days=park_days)
        over = still.filter(changed_at__lte=moved_before, idle_warned_at__lte=now - warning)
        soon = still.filter(changed_at__lte=moved_before + warning, idle_warned_at=None)
        parked, warned = list(over[:BATCH_ITEMS]), list(soon[:BATCH_ITEMS])
        _park(change, parked, now)
        _warn(change, warned, now, park_days)
    return Stood(len(warned), len(parked))


def _park_days(project_id: UUID) -> int | None:
    active = Project.objects.filter(id=project_id, archived_at=None)
    return active.values_list("idle_park_days", flat=True).first()


def _park(change: Change, still: list[Item], now: dt.datetime) -> None:
    for item in still:
        days = counted((now - item.changed_at).days, "day")
        said = moving.Said(reason=f"Nothing moved for {days}.")
        moving.set_state(change, item, State.PARKED, said, when=now)
    Item.objects.bulk_update(still, moving.STATE_FIELDS)
    dependencies.refresh(change, {item.id for item in still}, how="item parked")
    asking.retire_unwaited(change, [item.id for item in still])


def _warn(change: Change, still: list[Item], now: dt.datetime, park_days: int) -> None:
    for item in still:
        item.idle_warned_at, item.version = now, change.version
        parks_at = standstill.parks_at(item.changed_at, now, park_days)
        assert parks_at is not None
        change.record(
            Kind.ITEM_STANDS_STILL, item_id=item.id, title=item.title, parks_at=parks_at.isoformat()
        )
    Item.objects.bulk_update(still, ["idle_warned_at", "version"])
