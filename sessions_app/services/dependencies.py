"""Which item waits for which, and the blockers that follow from it without any agent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sessions_app import ledger
from sessions_app.db import queries
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Blocker, BlockerItem, Item, ItemDependency
from sessions_app.models.blockers import BlockerSource, BlockerStatus, BlockerType
from sessions_app.models.items import State
from sessions_app.services.errors import Invalid, NotFound


def add_dependency(project_id: UUID, actor: Actor, *, waiting_id: UUID, blocking_id: UUID) -> None:
    """Say that one item waits for another. Twice is once.

    Raises NotFound when either is not this project's, Invalid when it would wait for itself, also
    round a corner: such a ring could never be decided.
    """
    with ledger.change(project_id, actor) as change:
        titles = dict(
            Item.objects.filter(project_id=project_id, id__in=[waiting_id, blocking_id]).values_list(
                "id", "title"
            )
        )
        if waiting_id == blocking_id:
            raise Invalid("blocking", "must be another item.")
        if len(titles) < 2:
            raise NotFound("This item is not there any more.")
        if waits_for(blocking_id, waiting_id):
            raise Invalid("blocking", "already waits for this item, so the two would wait for each other.")
        _, made = ItemDependency.objects.get_or_create(
            project_id=project_id,
            waiting_id=waiting_id,
            blocking_id=blocking_id,
            defaults={"created_at": change.now},
        )
        if made:
            change.record(
                Kind.ITEM_WAITS,
                item_id=waiting_id,
                title=titles[waiting_id],
                blocking={"id": str(blocking_id), "title": titles[blocking_id]},
            )
            refresh(change, {blocking_id})


def remove_dependency(project_id: UUID, actor: Actor, *, waiting_id: UUID, blocking_id: UUID) -> None:
    """Say that one item no longer waits for another; saying it twice is fine."""
    with ledger.change(project_id, actor) as change:
        edge = (
            ItemDependency.objects.filter(
                project_id=project_id, waiting_id=waiting_id, blocking_id=blocking_id
            )
            .select_related("waiting", "blocking")
            .first()
        )
        if edge is None:
            return
        change.record(
            Kind.ITEM_WAITS_NO_MORE,
            item_id=waiting_id,
            title=edge.waiting.title,
            blocking={"id": str(blocking_id), "title": edge.blocking.title},
        )
        edge.delete()
        refresh(change, {blocking_id}, how="no longer waited for")


def waited_for_by(item_ids: Iterable[UUID]) -> set[UUID]:
    """The items that any of `item_ids` waits for."""
    return set(
        ItemDependency.objects.filter(waiting_id__in=list(item_ids)).values_list("blocking_id", flat=True)
    )


def refresh(change: Change, item_ids: set[UUID], *, how: str = "") -> None:
    """Make the dependency blockers follow the states of these items, and of what they wait for.

    An exploring item that other exploring items wait for has one open blocker naming them; any other
    has none. `how` says what cleared those that clear. A reopened item gets a new row.
    """
    affected = item_ids | waited_for_by(item_ids)
    waiting = _waiting_by_item(affected)
    standing = {
        _item_of(blocker): blocker
        for blocker in Blocker.objects.open()
        .filter(
            project_id=change.project_id,
            source=BlockerSource.DEPENDENCY,
            fingerprint__in=[_fingerprint(item_id) for item_id in affected],
        )
        .prefetch_related("blocked_items")
    }
    _raise_missing(change, {i: w for i, w in waiting.items() if i not in standing})
    for item_id, blocker in standing.items():
        if item_id in waiting:
            _name_waiting(change, blocker, waiting[item_id])
        else:
            _clear(change, blocker, how)


def rename(change: Change, item: Item) -> None:
    """Let the item's open blocker carry its new title."""
    Blocker.objects.open().filter(project_id=change.project_id, fingerprint=_fingerprint(item.id)).update(
        text=item.title
    )


def waits_for(waiting_id: UUID, blocking_id: UUID) -> bool:
    """Whether the first waits for the second, directly or through others, also as a person's blocker says."""
    (found,) = queries.rows("waits_for", {"waiting": waiting_id, "blocking": blocking_id})
    return bool(found["waits"])


def _waiting_by_item(item_ids: set[UUID]) -> dict[UUID, set[UUID]]:
    """For each exploring item of these, the exploring items that wait for it; none: left out."""
    waiting: defaultdict[UUID, set[UUID]] = defaultdict(set)
    edges = ItemDependency.objects.filter(
        blocking_id__in=item_ids, blocking__state=State.EXPLORING, waiting__state=State.EXPLORING
    )
    for blocking_id, waiting_id in edges.values_list("blocking_id", "waiting_id"):
        waiting[blocking_id].add(waiting_id)
    return dict(waiting)


def _raise_missing(change: Change, missing: dict[UUID, set[UUID]]) -> None:
    if not missing:
        return
    titles = dict(Item.objects.filter(id__in=missing).values_list("id", "title"))
    blockers = {
        item_id: Blocker(
            project_id=change.project_id,
            type=BlockerType.DECISION,
            source=BlockerSource.DEPENDENCY,
            text=titles[item_id],
            fingerprint=_fingerprint(item_id),
            item_id=item_id,
            version=change.version,
            created_at=change.now,
            last_seen_at=change.now,
        )
        for item_id in sorted(missing)
    }
    Blocker.objects.bulk_create(blockers.values())
    BlockerItem.objects.bulk_create(
        BlockerItem(project_id=change.project_id, blocker=blocker, item_id=waiting_id)
        for item_id, blocker in blockers.items()
        for waiting_id in sorted(missing[item_id])
    )
    for item_id, blocker in blockers.items():
        change.record(
            Kind.BLOCKER_RAISED,
            actor=Actor.system(),
            blocker_id=blocker.id,
            item_id=item_id,
            text=blocker.text,
            type=blocker.type,
            source=blocker.source,
            items=sorted(str(i) for i in missing[item_id]),
        )


def _name_waiting(change: Change, blocker: Blocker, waiting: set[UUID]) -> None:
    named = {row.item_id for row in blocker.blocked_items.all()}
    if named == waiting:
        return
    blocker.blocked_items.exclude(item_id__in=waiting).delete()
    BlockerItem.objects.bulk_create(
        BlockerItem(project_id=change.project_id, blocker=blocker, item_id=item_id)
        for item_id in sorted(waiting - named)
    )
    change.record(
        Kind.BLOCKER_CHANGED,
        actor=Actor.system(),
        blocker_id=blocker.id,
        item_id=blocker.item_id,
        text=blocker.text,
        items=sorted(str(i) for i in waiting),
    )
    blocker.version = change.version
    blocker.save(update_fields=["version"])


def _clear(change: Change, blocker: Blocker, how: str) -> None:
    blocker.status = BlockerStatus.CLEARED
    blocker.ended_at, blocker.ended_how, blocker.version = change.now, how, change.version
    blocker.save(update_fields=["status", "ended_at", "ended_how", "version"])
    change.record(
        Kind.BLOCKER_CLEARED,
        actor=Actor.system(),
        blocker_id=blocker.id,
        item_id=_item_of(blocker),
        text=blocker.text,
        how=how,
    )


def _fingerprint(item_id: UUID) -> str:
    return f"dependency:{item_id}"


def _item_of(blocker: Blocker) -> UUID:
    """The item that is waited for; known also when it was deleted just now."""
    return UUID(blocker.fingerprint.removeprefix("dependency:"))
