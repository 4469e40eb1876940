"""Items: add, edit, decide, park, explore, delete. What they wait for is in dependencies.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sessions_app import ledger
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Item
from sessions_app.models.items import (
    ALTERNATIVE_MAX_CHARACTERS,
    REASON_MAX_CHARACTERS,
    TEXT_MAX_CHARACTERS,
    State,
)
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services import asking, blockers, dependencies, moving, waking
from sessions_app.services.citations import CITATION_FIELDS, Citation, cite
from sessions_app.services.errors import Conflict, Invalid, NotFound
from sessions_app.services.moving import Said
from sessions_app.services.subjects import check_items
from sessions_app.services.texts import clean_line, clean_text

OUTCOME_MAX_CHARACTERS = 40
# Longer lists are a document of their own.
MOST_ALTERNATIVES = 20
MOST_SUPERSEDED = 20


def add_item(
    project_id: UUID,
    actor: Actor,
    *,
    title: str,
    text: str = "",
    fills: Sequence[UUID] = (),
    citation: Citation | None = None,
) -> Item:
    """Add an idea, in state exploring.

    `fills` names blockers whose gap it fills: they clear. `citation`: what was said of it, here as in the
    verbs below. Returns the item. Raises Invalid for a bad
    title or text, or for a blocker that is not this project's.
    """
    title = clean_line(title, "title", most=TITLE_MAX_CHARACTERS)
    text = clean_text(text, "text", most=TEXT_MAX_CHARACTERS)
    with ledger.change(project_id, actor) as change:
        item = Item(
            project_id=project_id,
            title=title,
            text=text,
            version=change.version,
            state_version=change.version,
            changed_at=change.now,
            state_changed_at=change.now,
            state_by_id=actor.user_id,
            state_by_agent=actor.agent_type,
            created_by_id=actor.user_id,
            created_by_agent=actor.agent_type,
            created_at=change.now,
        )
        if citation is not None:
            cite(item, citation)
        item.save(force_insert=True)
        change.record(Kind.ITEM_ADDED, item_id=item.id, title=title, text=text, after=State.EXPLORING)
        blockers.fill(change, fills, by=item)
    return item


def edit_item(project_id: UUID, actor: Actor, item_id: UUID, *, title: str, text: str, version: int) -> Item:
    """Change an item's title and text.

    `version` is the item's version the editor started from. Raises Conflict with the present item
    when somebody changed it meanwhile; saving again over it takes the present version.
    """
    title = clean_line(title, "title", most=TITLE_MAX_CHARACTERS)
    text = clean_text(text, "text", most=TEXT_MAX_CHARACTERS)
    with ledger.change(project_id, actor) as change:
        item = get_item(project_id, item_id)
        if (item.title, item.text) == (title, text):
            return item
        if item.version != version:
            raise Conflict("Somebody changed this item since you opened it.", current=item)
        change.record(
            Kind.ITEM_EDITED,
            item_id=item.id,
            title=title,
            text=text,
            before={"title": item.title, "text": item.text},
        )
        item.title, item.text = title, text
        item.version, item.changed_at, item.idle_warned_at = change.version, change.now, None
        item.save(update_fields=["title", "text", "version", "changed_at", "idle_warned_at"])
        dependencies.rename(change, item)
    return item


def decide_item(
    project_id: UUID,
    actor: Actor,
    item_id: UUID,
    *,
    reason: str = "",
    outcome: str = "",
    alternatives: Sequence[str] = (),
    supersedes: Collection[UUID] = (),
    review_at: dt.datetime | None = None,
    citation: Citation | None = None,
) -> Item:
    """Decide an item, with why and (optionally) how it came out, and instead of what.

    `supersedes` are items whose place it takes: they are parked. At `review_at` it asks to be looked at
    again. What waited for the item no longer does, and what was parked until now wakes. Deciding what is
    decided with the same words changes nothing; with other words it is the latest decision. Raises
    NotFound, Invalid.
    """
    said = Said(
        reason=clean_text(reason, "reason", most=REASON_MAX_CHARACTERS),
        outcome=clean_line(outcome, "outcome", most=OUTCOME_MAX_CHARACTERS, required=False),
        alternatives=_clean_alternatives(alternatives),
        review_at=review_at,
    )
    with ledger.change(project_id, actor) as change:
        item = get_item(project_id, item_id)
        replaced = _superseded(item, supersedes)
        if item.is_decided and said.is_of(item) and not replaced:
            return item
        if review_at is not None and review_at <= change.now:
            raise Invalid("review_at", "must be in the future.")
        _move(change, item, State.DECIDED, said, citation, supersedes=replaced)
        waking.wake_after_decision(change, [item])
        for other in replaced:
            _move(
                change, other, State.PARKED, Said(reason=f"Superseded by “{item.title}”.", superseded_by=item)
            )
    return item


def park_item(
    project_id: UUID,
    actor: Actor,
    item_id: UUID,
    *,
    reason: str = "",
    wake_at: dt.datetime | None = None,
    wake_item_id: UUID | None = None,
    wake_sessions: int | None = None,
    citation: Citation | None = None,
) -> Item:
    """Park an item, with why. It can come back by itself: wake.

    At most one of: at `wake_at`, when the item `wake_item_id` is decided, after `wake_sessions` further
    visits of whoever parks it. Raises NotFound, Invalid.
    """
    reason = clean_text(reason, "reason", most=REASON_MAX_CHARACTERS)
    with ledger.change(project_id, actor) as change:
        item = get_item(project_id, item_id)
        other = waking.check_wake_up(
            item, change.now, wake_at=wake_at, wake_item_id=wake_item_id, wake_sessions=wake_sessions
        )
        said = Said(reason=reason, wake_at=wake_at, wake_item=other, wake_sessions=wake_sessions)
        # One that woke is put to sleep again, also in the same words.
        sleeps = item.is_parked and item.woke_at is None
        if not (sleeps and said.is_of(item)):
            _move(change, item, State.PARKED, said, citation)
    return item


def explore_item(
    project_id: UUID, actor: Actor, item_id: UUID, *, reason: str = "", citation: Citation | None = None
) -> Item:
    """Take an item up again (reopen), with why. Raises NotFound, Invalid."""
    said = Said(reason=clean_text(reason, "reason", most=REASON_MAX_CHARACTERS))
    with ledger.change(project_id, actor) as change:
        item = get_item(project_id, item_id)
        if not (item.is_exploring and said.is_of(item)):
            _move(change, item, State.EXPLORING, said, citation)
    return item


def delete_item(project_id: UUID, actor: Actor, item_id: UUID) -> None:
    """Delete an item for good; the ledger keeps what it was. Raises NotFound."""
    with ledger.change(project_id, actor) as change:
        item = get_item(project_id, item_id)
        # So that the next import does not bring it back as long as the source says the same of it.
        source = {"key": item.import_key, "seen": item.import_seen} if item.import_key else None
        remove_item(change, item, imported=source)


def remove_item(change: Change, item: Item, *, imported: Mapping[str, object] | None = None) -> None:
    """Delete within a change that is under way (the importer removes what vanished).

    `imported` notes what a source said of an item that a person deleted.
    """
    change.record(
        Kind.ITEM_DELETED,
        item_id=item.id,
        title=item.title,
        text=item.text,
        before=item.state,
        imported=imported,
    )
    waited_for = dependencies.waited_for_by([item.id])
    blockers.item_gone(change, item, "deleted")
    moving.end_review(change, item, "the item was deleted")
    if item.is_exploring:
        asking.retire_unwaited(change, [item.id])
    waking.wake_after_deletion(change, item)
    item_id = item.id
    item.delete()
    dependencies.refresh(change, {item_id, *waited_for}, how="item deleted")


def get_item(project_id: UUID, item_id: UUID) -> Item:
    """The item, or NotFound."""
    item = Item.objects.filter(project_id=project_id, id=item_id).first()
    if item is None:
        raise NotFound("This item is not there any more.")
    return item


def _move(
    change: Change,
    item: Item,
    state: State,
    said: Said,
    citation: Citation | None = None,
    *,
    supersedes: Sequence[Item] = (),
) -> None:
    was_exploring = item.is_exploring
    moving.set_state(change, item, state, said, supersedes=supersedes)
    if citation is not None:
        cite(item, citation)
    item.save(update_fields=[*moving.STATE_FIELDS, *CITATION_FIELDS])
    dependencies.refresh(change, {item.id}, how=f"item {state}")
    if item.is_decided:
        # Before its questions end, so that what hung on them says that the decision cleared it.
        blockers.item_gone(change, item, "decided")
    if was_exploring and not item.is_exploring:
        asking.retire_unwaited(change, [item.id])
    elif item.is_exploring and not was_exploring:
        asking.ask_again(change, [item.id])


def _clean_alternatives(lines: Sequence[str]) -> tuple[str, ...]:
    if len(lines) > MOST_ALTERNATIVES:
        raise Invalid("alternatives", f"must have at most {MOST_ALTERNATIVES} entries.")
    return tuple(
        clean_line(line, f"alternatives[{place}]", most=ALTERNATIVE_MAX_CHARACTERS)
        for place, line in enumerate(lines)
    )


def _superseded(item: Item, ids: Collection[UUID]) -> list[Item]:
    """The items whose place this one takes now; those it has taken before are left out."""
    if len(set(ids)) > MOST_SUPERSEDED:
        raise Invalid("supersedes", f"must have at most {MOST_SUPERSEDED} entries.")
    if item.id in ids:
        raise Invalid("supersedes", "must be other items.")
    found = Item.objects.filter(id__in=check_items(item.project_id, ids, "supersedes")).order_by("id")
    return [other for other in found if other.superseded_by_id != item.id]
