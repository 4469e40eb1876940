"""Items: add, edit, decide, park, explore, delete. What they wait for is in dependencies.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sessions_app import ledger
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Item
from sessions_app.models.items import REASON_MAX_CHARACTERS, TEXT_MAX_CHARACTERS, State
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services import asking, blockers, dependencies
from sessions_app.services.citations import CITATION_FIELDS, Citation, cite
from sessions_app.services.errors import Conflict, Invalid, NotFound
from sessions_app.services.texts import clean_line, clean_text

OUTCOME_MAX_CHARACTERS = 40
# Whether its decision is to be looked at again.
REVIEW_FIELDS = ["review_at", "review_due_at", "contested_at", "contested_by", "contest_reason"]
# What `set_state` changes of a row.
STATE_FIELDS = [
    "state",
    "reason",
    "outcome",
    "wake_at",
    "woke_at",
    *REVIEW_FIELDS,
    "version",
    "state_version",
    "decided_version",
    "changed_at",
    "state_changed_at",
    "state_by",
    "state_by_agent",
]
_KIND_OF = {
    State.EXPLORING: Kind.ITEM_EXPLORED,
    State.DECIDED: Kind.ITEM_DECIDED,
    State.PARKED: Kind.ITEM_PARKED,
}
_REVIEW_ENDED_BY = {
    State.EXPLORING: "the item was reopened",
    State.DECIDED: "it was decided anew",
    State.PARKED: "the item was parked",
}


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
        item.version, item.changed_at = change.version, change.now
        item.save(update_fields=["title", "text", "version", "changed_at"])
        dependencies.rename(change, item)
    return item


def decide_item(
    project_id: UUID,
    actor: Actor,
    item_id: UUID,
    *,
    reason: str = "",
    outcome: str = "",
    citation: Citation | None = None,
) -> Item:
    """Decide an item, with why and (optionally) how it came out.

    What waited for it no longer does. Deciding what is decided with the same words changes nothing;
    with other words it is the latest decision. Raises NotFound, Invalid.
    """
    outcome = clean_line(outcome, "outcome", most=OUTCOME_MAX_CHARACTERS, required=False)
    return _move(project_id, actor, item_id, State.DECIDED, reason=reason, outcome=outcome, citation=citation)


def park_item(
    project_id: UUID,
    actor: Actor,
    item_id: UUID,
    *,
    reason: str = "",
    wake_at: dt.datetime | None = None,
    citation: Citation | None = None,
) -> Item:
    """Park an item, with why; at `wake_at` it comes back by itself. Raises NotFound, Invalid."""
    return _move(project_id, actor, item_id, State.PARKED, reason=reason, wake_at=wake_at, citation=citation)


def explore_item(
    project_id: UUID, actor: Actor, item_id: UUID, *, reason: str = "", citation: Citation | None = None
) -> Item:
    """Take an item up again (reopen), with why. Raises NotFound, Invalid."""
    return _move(project_id, actor, item_id, State.EXPLORING, reason=reason, citation=citation)


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
    end_review(change, item, "the item was deleted")
    if item.is_exploring:
        asking.retire_unwaited(change, [item.id])
    item_id = item.id
    item.delete()
    dependencies.refresh(change, {item_id, *waited_for}, how="item deleted")


def wake_due(project_id: UUID, now: dt.datetime) -> int:
    """Mark the parked items whose wake-up has come; returns how many. Run by the upkeep job."""
    with ledger.change(project_id, Actor.system()) as change:
        due = list(
            Item.objects.filter(
                project_id=project_id, state=State.PARKED, woke_at__isnull=True, wake_at__lte=now
            )
        )
        for item in due:
            item.woke_at, item.version = now, change.version
            item.save(update_fields=["woke_at", "version"])
            change.record(
                Kind.ITEM_WOKE, item_id=item.id, title=item.title, reason=item.reason, after=State.PARKED
            )
    return len(due)


def get_item(project_id: UUID, item_id: UUID) -> Item:
    """The item, or NotFound."""
    item = Item.objects.filter(project_id=project_id, id=item_id).first()
    if item is None:
        raise NotFound("This item is not there any more.")
    return item


def _move(
    project_id: UUID,
    actor: Actor,
    item_id: UUID,
    state: State,
    *,
    reason: str,
    outcome: str = "",
    wake_at: dt.datetime | None = None,
    citation: Citation | None = None,
) -> Item:
    reason = clean_text(reason, "reason", most=REASON_MAX_CHARACTERS)
    with ledger.change(project_id, actor) as change:
        if wake_at is not None and wake_at <= change.now:
            raise Invalid("wake_on", "must be in the future.")
        item = get_item(project_id, item_id)
        if (item.state, item.reason, item.outcome, item.wake_at) == (state, reason, outcome, wake_at):
            return item
        was_exploring = item.is_exploring
        set_state(change, item, state, reason=reason, outcome=outcome, wake_at=wake_at)
        if citation is not None:
            cite(item, citation)
        item.save(update_fields=[*STATE_FIELDS, *CITATION_FIELDS])
        dependencies.refresh(change, {item.id}, how=f"item {state}")
        if state == State.DECIDED:
            blockers.item_gone(change, item, "decided")
        if was_exploring and not item.is_exploring:
            asking.retire_unwaited(change, [item.id])
    return item


def set_state(
    change: Change,
    item: Item,
    state: State,
    *,
    reason: str,
    outcome: str = "",
    wake_at: dt.datetime | None = None,
    when: dt.datetime | None = None,
    title: str = "",
) -> None:
    """Bring an item into a state and record it, in a change under way; the caller saves STATE_FIELDS.

    `when` is the moment to show, where a source dates it otherwise than now; `title` what the ledger
    calls the item, where the same change renames it.
    """
    change.record(
        _KIND_OF[state],
        item_id=item.id,
        title=title or item.title,
        before=item.state,
        after=state,
        reason=reason,
        outcome=outcome,
        wake_at=wake_at.isoformat() if wake_at else None,
    )
    item.state, item.reason, item.outcome = state, reason, outcome
    item.wake_at, item.woke_at = wake_at, None
    item.review_at = None
    end_review(change, item, _REVIEW_ENDED_BY[state])
    item.version = item.state_version = change.version
    item.changed_at = item.state_changed_at = when or change.now
    item.state_by_id, item.state_by_agent = change.actor.user_id, change.actor.agent_type
    if state == State.DECIDED:
        item.decided_version = change.version


def end_review(change: Change, item: Item, how: str) -> None:
    """Ask no more whether the decision stands; `how` says why not. The caller saves REVIEW_FIELDS."""
    if item.contested_at is not None:
        asking.retire(change, asking.open_reviews(change.project_id, item.id), how)
    item.contested_at, item.contested_by, item.contest_reason = None, None, ""
    item.review_due_at = None
