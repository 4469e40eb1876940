"""Blockers: raised by agents and people, cleared by their cause, by a person, or by the agent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

from sessions_app import ledger
from sessions_app.insights import activity_rules
from sessions_app.insights.activity_rules import NewBlocker, fingerprint
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Blocker, BlockerItem, Item, Membership, Question
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.blockers import BlockerSource, BlockerStatus, BlockerType
from sessions_app.models.items import State
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS, QuestionStatus
from sessions_app.services import dependencies
from sessions_app.services.errors import Conflict, Invalid, NotAllowed, NotFound
from sessions_app.services.subjects import check_items
from sessions_app.services.texts import clean_line, clean_text

DONE = "done"
ITS_DAY_CAME = "its day came"


def raise_blocker(
    project_id: UUID,
    agent_type: str,
    *,
    text: str,
    kind: activity_rules.BlockerType = "information",
    blocks: Sequence[UUID] = (),
) -> Blocker:
    """Say, as an agent, what stops items (`blocks`) from being decided; `kind` is its type.

    The same while still open, or dismissed, is counted and not raised twice. Raises Invalid naming the
    field.
    """
    agent_type = clean_line(agent_type, "agent_type", most=AGENT_TYPE_MAX_CHARACTERS)
    text = clean_text(text, "text", most=ASKED_TEXT_MAX_CHARACTERS, required=True)
    with ledger.change(project_id, Actor.agent(agent_type)) as change:
        item_ids = check_items(project_id, blocks, "blocks")
        return raise_or_count(change, agent_type, NewBlocker(kind, text), item_ids, None)


def raise_blocker_by_person(
    project_id: UUID,
    actor: Actor,
    *,
    text: str,
    kind: str = BlockerType.INFORMATION,
    blocks: Sequence[UUID] = (),
    waits_for: UUID | None = None,
    waits_on_item: UUID | None = None,
    waits_until: dt.datetime | None = None,
) -> Blocker:
    """Say, as a person, what stops items (`blocks`), and on what it waits: at most one of these.

    `waits_for` is a member, who may say that it is done; `waits_on_item` an item that must be decided first;
    at `waits_until` it clears by itself. Raises Invalid naming the field; Conflict when the same, with the
    same items, is open already.
    """
    text = clean_text(text, "text", most=ASKED_TEXT_MAX_CHARACTERS, required=True)
    if kind not in BlockerType.values:
        raise Invalid("type", f"must be one of {', '.join(BlockerType.values)}.")
    with ledger.change(project_id, actor) as change:
        item_ids = check_items(project_id, blocks, "blocks")
        _check_waits(change, item_ids, waits_for, waits_on_item, waits_until)
        # No agent has an empty name, so a person's words are never taken for an agent's.
        identity = fingerprint("", f"{kind}:{text}", item_ids)
        if Blocker.objects.open().filter(project_id=project_id, fingerprint=identity).exists():
            raise Conflict("This blocker is open already.")
        blocker = Blocker.objects.create(
            project_id=project_id,
            type=kind,
            source=BlockerSource.PERSON,
            raised_by_id=actor.user_id,
            text=text,
            fingerprint=identity,
            waits_for_id=waits_for,
            item_id=waits_on_item,
            waits_until=waits_until,
            version=change.version,
            created_at=change.now,
            last_seen_at=change.now,
        )
        _stop_items(change, blocker, item_ids)
        _record_raised(change, blocker, item_ids, actor)
    return blocker


def _check_waits(
    change: Change,
    item_ids: Sequence[UUID],
    waits_for: UUID | None,
    waits_on_item: UUID | None,
    waits_until: dt.datetime | None,
) -> None:
    given = {"waits_for": waits_for, "waits_on_item": waits_on_item, "waits_until": waits_until}
    named = [field for field, value in given.items() if value is not None]
    if len(named) > 1:
        raise Invalid(named[1], "must be left out: it waits for one thing only.")
    if waits_until is not None and waits_until <= change.now:
        raise Invalid("waits_until", "must be in the future.")
    members = Membership.objects.filter(project_id=change.project_id)
    if waits_for is not None and not members.filter(user_id=waits_for).exists():
        raise Invalid("waits_for", "must be a member of this project.")
    if waits_on_item is not None:
        _check_waits_on_item(change, item_ids, waits_on_item)


def _check_waits_on_item(change: Change, item_ids: Sequence[UUID], waits_on_item: UUID) -> None:
    item = Item.objects.filter(project_id=change.project_id, id=waits_on_item).first()
    if item is None:
        raise Invalid("waits_on_item", "must be an item of this project.")
    if item.is_decided:
        raise Invalid("waits_on_item", "is decided already.")
    if waits_on_item in item_ids:
        raise Invalid("waits_on_item", "must be another item than those it stops.")
    if any(dependencies.waits_for(waits_on_item, stopped) for stopped in item_ids):
        raise Invalid("waits_on_item", "waits for what this stops, so the two would wait for each other.")


def raise_or_count(
    change: Change, agent_type: str, new: NewBlocker, item_ids: Sequence[UUID], question: Question | None
) -> Blocker:
    """Raise what an agent reports, or count it when the same is open or was dismissed.

    `item_ids` are the items it stops, checked by the caller; `question` the one it hangs on.
    A cleared one that is reported again is a new one.
    """
    identity = fingerprint(agent_type, f"{new.type}:{new.text}", item_ids)
    known = (
        Blocker.objects.filter(
            project_id=change.project_id,
            fingerprint=identity,
            status__in=[BlockerStatus.OPEN, BlockerStatus.DISMISSED],
        )
        # "open" wins over "dismissed" where both are there.
        .order_by("-status", "-created_at")
        .first()
    )
    if known is not None:
        known.times_seen += 1
        known.last_seen_at = change.now
        known.save(update_fields=["times_seen", "last_seen_at"])
        if question is not None:
            hang_on(change, agent_type, known, question)
        return known
    blocker = Blocker.objects.create(
        project_id=change.project_id,
        type=new.type,
        source=BlockerSource.AGENT,
        agent_type=agent_type,
        text=new.text,
        fingerprint=identity,
        question=question,
        version=change.version,
        created_at=change.now,
        last_seen_at=change.now,
    )
    _stop_items(change, blocker, item_ids)
    _record_raised(change, blocker, item_ids, Actor.agent(agent_type))
    return blocker


def _stop_items(change: Change, blocker: Blocker, item_ids: Sequence[UUID]) -> None:
    BlockerItem.objects.bulk_create(
        BlockerItem(project_id=change.project_id, blocker=blocker, item_id=item_id) for item_id in item_ids
    )


def _record_raised(change: Change, blocker: Blocker, item_ids: Sequence[UUID], actor: Actor) -> None:
    # Ids only: a name in the ledger would outlive its person.
    waits: dict[str, Any] = {
        name: value
        for name, value in (
            ("waits_for", blocker.waits_for_id and str(blocker.waits_for_id)),
            ("waits_on_item", blocker.item_id and str(blocker.item_id)),
            ("waits_until", blocker.waits_until and blocker.waits_until.isoformat()),
        )
        if value
    }
    change.record(
        Kind.BLOCKER_RAISED,
        actor=actor,
        blocker_id=blocker.id,
        question_id=blocker.question_id,
        text=blocker.text,
        type=blocker.type,
        source=blocker.source,
        items=[str(item_id) for item_id in item_ids],
        **waits,
    )


def hang_on(change: Change, agent_type: str, blocker: Blocker, question: Question) -> None:
    """Let an open blocker whose own question is over hang on the one that is asked now."""
    stands = blocker.question is not None and blocker.question.status == QuestionStatus.OPEN
    if stands or blocker.status != BlockerStatus.OPEN or question.status != QuestionStatus.OPEN:
        return
    blocker.question, blocker.version = question, change.version
    blocker.save(update_fields=["question", "version"])
    change.record(
        Kind.BLOCKER_CHANGED,
        actor=Actor.agent(agent_type),
        blocker_id=blocker.id,
        question_id=question.id,
        text=blocker.text,
        items=sorted(str(row.item_id) for row in blocker.blocked_items.all()),
    )


def clear_blocker(project_id: UUID, actor: Actor, blocker_id: UUID) -> Blocker:
    """A person says that it no longer stops anything. Raises NotFound, Conflict, Invalid."""
    return _end_by_hand(project_id, actor, blocker_id, BlockerStatus.CLEARED)


def dismiss_blocker(project_id: UUID, actor: Actor, blocker_id: UUID) -> Blocker:
    """A person says that it never mattered; reported again it is only counted."""
    return _end_by_hand(project_id, actor, blocker_id, BlockerStatus.DISMISSED)


def say_done(project_id: UUID, actor: Actor, blocker_id: UUID) -> Blocker:
    """Whom it waits for says that it is done. Twice is once.

    Raises NotFound, NotAllowed for anybody else, Conflict when it ended otherwise.
    """
    with ledger.change(project_id, actor) as change:
        blocker = _here(project_id, blocker_id)
        if blocker.waits_for_id is None or blocker.waits_for_id != actor.user_id:
            raise NotAllowed("This does not wait for you.")
        _end_once(change, blocker, BlockerStatus.CLEARED, DONE)
    return blocker


def clear_due(project_id: UUID, now: dt.datetime) -> int:
    """Clear the open blockers whose day has come; returns how many. Run by the upkeep job."""
    with ledger.change(project_id, Actor.system()) as change:
        due = list(Blocker.objects.open().filter(project_id=project_id, waits_until__lte=now))
        clear(change, due, ITS_DAY_CAME)
    return len(due)


def clear(change: Change, blockers: Iterable[Blocker], how: str, *, actor: Actor | None = None) -> None:
    """Clear these blockers because their cause is gone; `how` says by what."""
    for blocker in blockers:
        _end(change, blocker, BlockerStatus.CLEARED, how, actor)


def fill(change: Change, blocker_ids: Sequence[UUID], *, by: Item) -> None:
    """Clear the gaps that a new item fills. Raises Invalid for one that is not this project's.

    A dependency is no gap: its blocker follows the items.
    """
    if not blocker_ids:
        return
    blockers = list(Blocker.objects.filter(project_id=change.project_id, id__in=blocker_ids))
    if len(blockers) < len(set(blocker_ids)):
        raise Invalid("fills", "names a blocker that is not one of this project's.")
    gaps = (b for b in blockers if b.status == BlockerStatus.OPEN and b.source != BlockerSource.DEPENDENCY)
    clear(change, gaps, f"item added: {by.title}")


def item_gone(change: Change, item: Item, became: Literal["decided", "deleted"]) -> None:
    """Clear what waited for this item, and what stopped it and now stops nothing that is undecided.

    Dependencies' blockers follow by themselves (dependencies.refresh).
    """
    how = f"“{item.title}” was {became}"
    here = (
        Blocker.objects.open().filter(project_id=change.project_id).exclude(source=BlockerSource.DEPENDENCY)
    )
    clear(change, here.filter(item_id=item.id), how)
    for blocker in here.filter(blocked_items__item_id=item.id).distinct():
        others = blocker.blocked_items.exclude(item_id=item.id).exclude(item__state=State.DECIDED)
        # What an agent found missing stays unknown, whatever is decided without it; people say what stops.
        stays = blocker.source == BlockerSource.AGENT and blocker.type == BlockerType.INFORMATION
        if not others.exists() and not stays:
            _end(change, blocker, BlockerStatus.CLEARED, how, None)


def _here(project_id: UUID, blocker_id: UUID) -> Blocker:
    blocker = Blocker.objects.filter(project_id=project_id, id=blocker_id).first()
    if blocker is None:
        raise NotFound("This blocker is not there any more.")
    return blocker


def _end_by_hand(project_id: UUID, actor: Actor, blocker_id: UUID, status: BlockerStatus) -> Blocker:
    with ledger.change(project_id, actor) as change:
        blocker = _here(project_id, blocker_id)
        if blocker.source == BlockerSource.DEPENDENCY:
            raise Invalid("blocker", "follows its item: decide or park the item, or let nothing wait for it.")
        _end_once(change, blocker, status, "by hand")
    return blocker


def _end_once(change: Change, blocker: Blocker, status: BlockerStatus, how: str) -> None:
    """End it as the change's actor wants; as it ended so already, nothing happens. Raises Conflict."""
    if blocker.status == status:
        return
    if blocker.status != BlockerStatus.OPEN:
        raise Conflict(f"This blocker was {blocker.status} meanwhile.", current=blocker)
    _end(change, blocker, status, how, None)


def _end(change: Change, blocker: Blocker, status: BlockerStatus, how: str, actor: Actor | None) -> None:
    blocker.status, blocker.ended_how = status, how
    blocker.ended_at, blocker.version = change.now, change.version
    blocker.ended_by_id = (actor or change.actor).user_id
    blocker.save(update_fields=["status", "ended_how", "ended_at", "version", "ended_by"])
    change.record(
        Kind.BLOCKER_CLEARED if status == BlockerStatus.CLEARED else Kind.BLOCKER_DISMISSED,
        actor=actor,
        blocker_id=blocker.id,
        question_id=blocker.question_id,
        text=blocker.text,
        how=how,
    )
