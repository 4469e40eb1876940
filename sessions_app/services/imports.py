"""Bring the rows of a source into a project: what is new, what changed, what is gone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sessions_app import ledger
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Activity, Item, ItemDependency
from sessions_app.models.items import State
from sessions_app.services import asking, blockers, dependencies, items, moving, waking
from sessions_app.services.errors import Invalid

BATCH_ROWS = 500
_CHANGED_FIELDS = ["title", "text", *moving.STATE_FIELDS, "import_people", "import_seen"]
_COUNTED_AS = {State.EXPLORING: "reopened", State.DECIDED: "decided", State.PARKED: "parked"}


class Row(Protocol):
    """A record of the source, as the importers read it."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def date(self) -> dt.datetime | None: ...
    @property
    def people(self) -> Sequence[str]: ...
    @property
    def waits_for(self) -> Sequence[str]: ...


@dataclass
class Imported:
    """How many ledger entries of each kind an import made, and how many rows it left alone."""

    added: int = 0
    decided: int = 0
    parked: int = 0
    reopened: int = 0
    edited: int = 0
    removed: int = 0
    unchanged: int = 0
    dependencies: int = 0

    def count(self, name: str) -> None:
        setattr(self, name, getattr(self, name) + 1)


def import_rows(
    project_id: UUID,
    source: str,
    rows: Sequence[Row],
    *,
    remove_vanished: bool = True,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Imported:
    """Apply the rows of `source` ("adr", "beads") to the project: one transaction, one version.

    Compared is what the source says now with what it said at the last import, so a second import of
    the same state changes nothing, and a later one never undoes what people decided here since; what
    they deleted comes back only when the source says something else of it than then.
    Items of this source that are not among the rows are removed, unless `remove_vanished` is off
    (where some rows could not be read). An empty reason in the source keeps the one that is known.

    `progress` is told (rows done, rows in all). Returns what was done. Raises Invalid for no rows at
    all where there were some: an empty source is a mistake more often than an end.
    """
    with ledger.change(project_id, Actor.system()) as change:
        known = {
            item.import_key: item
            for item in Item.objects.filter(project_id=project_id, import_key__startswith=f"{source}:")
        }
        if known and not rows:
            raise Invalid("path", "holds no records, though this project was imported from some.")
        done = Imported()
        run = _Run(change, source, done, _ids_in_order_of_time(rows, change.now))
        deleted = _deleted_by_people(project_id)
        for place, row in enumerate(rows, start=1):
            key = f"{source}:{row.key}"
            if key not in known and deleted.get(key) == _says(row):
                done.count("unchanged")
            else:
                run.take(row, known.get(key))
            progress(place, len(rows))
        run.save()
        if remove_vanished:
            run.remove(item for key, item in known.items() if key not in run.seen)
        run.connect(rows)
    return done


class _Run:
    """One import under way: collects what it changes, and writes it in batches."""

    def __init__(self, change: Change, source: str, done: Imported, ids: Mapping[str, UUID]) -> None:
        self.change, self.source, self.done, self.ids = change, source, done, ids
        self.seen: dict[str, Item] = {}
        self.new: list[Item] = []
        self.changed: list[Item] = []
        # Items whose state moved: what they wait for, and what waits for them, may have moved too.
        self.moved: set[UUID] = set()
        # Of these, those that were exploring and are no more.
        self.left: set[UUID] = set()

    def take(self, row: Row, item: Item | None) -> None:
        """Add the row's item, or change it where the source says something else than before."""
        key = f"{self.source}:{row.key}"
        says = _says(row)
        if item is None:
            item = self._add(row, key)
        elif item.import_seen == says:
            self.done.unchanged += 1
        else:
            self._change(row, item, says)
        self.seen[key] = item

    def save(self) -> None:
        """Write the rows collected so far."""
        Item.objects.bulk_create(self.new, batch_size=BATCH_ROWS)
        Item.objects.bulk_update(self.changed, _CHANGED_FIELDS, batch_size=BATCH_ROWS)
        for item in self.changed:
            dependencies.rename(self.change, item)
        decided = [item for item in self.changed if item.is_decided and item.id in self.moved]
        for item in decided:
            blockers.item_gone(self.change, item, "decided")
        waking.wake_after_decision(self.change, decided)
        asking.retire_unwaited(self.change, self.left)
        reopened = [item.id for item in self.changed if item.is_exploring and item.id in self.moved]
        asking.ask_again(self.change, reopened)

    def remove(self, vanished: Iterable[Item]) -> None:
        """Delete what the source no longer has."""
        for item in vanished:
            items.remove_item(self.change, item)
            self.done.count("removed")

    def connect(self, rows: Sequence[Row]) -> None:
        """Make the imported dependencies those of the rows; ones added by hand stay."""
        wanted = {
            (self.seen[f"{self.source}:{row.key}"].id, self.seen[f"{self.source}:{key}"].id): None
            for row in rows
            for key in row.waits_for
            if f"{self.source}:{key}" in self.seen
        }
        ours = [item.id for item in self.seen.values()]
        standing = {
            (edge.waiting_id, edge.blocking_id): edge
            for edge in ItemDependency.objects.filter(
                project_id=self.change.project_id, waiting_id__in=ours, blocking_id__in=ours
            )
        }
        titles = {item.id: item.title for item in self.seen.values()}
        made = [pair for pair in wanted if pair not in standing]
        gone = [edge for pair, edge in standing.items() if edge.is_imported and pair not in wanted]
        ItemDependency.objects.bulk_create(
            (
                ItemDependency(
                    project_id=self.change.project_id, waiting_id=w, blocking_id=b, is_imported=True
                )
                for w, b in made
            ),
            batch_size=BATCH_ROWS,
        )
        ItemDependency.objects.filter(id__in=[edge.id for edge in gone]).delete()
        for kind, pairs in (
            (Kind.ITEM_WAITS, made),
            (Kind.ITEM_WAITS_NO_MORE, [(edge.waiting_id, edge.blocking_id) for edge in gone]),
        ):
            for waiting, blocking in pairs:
                self.change.record(
                    kind,
                    item_id=waiting,
                    title=titles[waiting],
                    blocking={"id": str(blocking), "title": titles[blocking]},
                )
        self.done.dependencies = len(wanted)
        affected = self.moved | {b for _, b in made} | {edge.blocking_id for edge in gone}
        if affected:
            dependencies.refresh(self.change, affected, how="import")

    def _add(self, row: Row, key: str) -> Item:
        now, version = self.change.now, self.change.version
        when = min(row.date or now, now)
        item = Item(
            id=self.ids[row.key],
            project_id=self.change.project_id,
            title=row.title,
            text=row.text,
            version=version,
            state_version=version,
            changed_at=when,
            state_changed_at=when,
            import_key=key,
            import_people=list(row.people),
            import_seen=_says(row),
            created_at=now,
        )
        self.new.append(item)
        self.change.record(
            Kind.ITEM_ADDED, item_id=item.id, title=row.title, text=row.text, after=State.EXPLORING
        )
        self.done.count("added")
        if row.state != State.EXPLORING:
            self._move(row, item, when)
        return item

    def _change(self, row: Row, item: Item, says: Mapping[str, Any]) -> None:
        """Apply what the source says anew, field by field: what it only repeats undoes nobody's work."""
        now = self.change.now
        when = min(row.date or now, now)
        news = {name for name, value in says.items() if value != item.import_seen.get(name)}
        item.import_seen, item.import_people = dict(says), list(row.people)
        self.changed.append(item)
        entries = len(self.change.rows)
        moves = "state" in news and row.state != item.state
        if moves:
            # Those explain the new state, and come with it.
            news -= {"reason", "outcome"}
        # First, so that each row of the ledger calls the item what it is called by then.
        self._edit(item, when, row.title if "title" in news else item.title, _news_of(row, item, news))
        if moves:
            self._move(row, item, when)
        if len(self.change.rows) == entries:
            self.done.unchanged += 1

    def _edit(self, item: Item, when: dt.datetime, title: str, news: Mapping[str, str]) -> None:
        changed = {name: value for name, value in news.items() if value != getattr(item, name)}
        if not changed:
            return
        self.change.record(
            Kind.ITEM_EDITED,
            item_id=item.id,
            title=title,
            text=changed.get("text", item.text),
            before={"title": item.title, "text": item.text},
            reason=changed.get("reason", item.reason),
            outcome=changed.get("outcome", item.outcome),
        )
        for name, value in changed.items():
            setattr(item, name, value)
        item.version, item.changed_at, item.idle_warned_at = self.change.version, when, None
        self.done.count("edited")

    def _move(self, row: Row, item: Item, when: dt.datetime) -> None:
        state = State(row.state)
        if item.is_exploring:
            self.left.add(item.id)
        said = moving.Said(reason=row.reason, outcome=row.outcome)
        moving.set_state(self.change, item, state, said, when=when)
        self.moved.add(item.id)
        self.done.count(_COUNTED_AS[state])


def _ids_in_order_of_time(rows: Sequence[Row], now: dt.datetime) -> dict[str, UUID]:
    """An id for each row, the later ones higher.

    A column shows what moved last first, by version and then by id; the items of one import share
    their version, so their ids say which of them the source dates later.
    """
    by_time = sorted(rows, key=lambda row: min(row.date or now, now))
    ids = sorted(uuid.uuid4() for _ in rows)
    return {row.key: new_id for row, new_id in zip(by_time, ids, strict=True)}


def _deleted_by_people(project_id: UUID) -> dict[str, Any]:
    """What the source said last of the imported items that people deleted here, by key."""
    rows = Activity.objects.filter(
        project_id=project_id, kind=Kind.ITEM_DELETED, data__imported__isnull=False
    ).order_by("id")
    notes = [row.data["imported"] for row in rows if row.data["imported"]]
    return {note["key"]: note["seen"] for note in notes}


def _says(row: Row) -> dict[str, Any]:
    """What the source says of an item, as it is compared at the next import."""
    return {
        "title": row.title,
        "text": row.text,
        "state": row.state,
        "reason": row.reason,
        "outcome": row.outcome,
        "people": list(row.people),
    }


def _news_of(row: Row, item: Item, news: set[str]) -> dict[str, str]:
    """The item's fields that the source says anew, with their values.

    Reason and outcome explain a state: they count only while the item is in it, and empty ones keep
    what is known.
    """
    fields = {"title": row.title, "text": row.text}
    if row.state == item.state:
        fields |= {name: value for name, value in (("reason", row.reason), ("outcome", row.outcome)) if value}
    return {name: value for name, value in fields.items() if name in news}
