"""Blockers: raised from what agents report, cleared by their cause, by a person, or by the agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sessions_app import ledger
from sessions_app.insights import activity_rules
from sessions_app.insights.activity_rules import NewBlocker, fingerprint
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Blocker, BlockerItem, Item, Question
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.blockers import BlockerSource, BlockerStatus, BlockerType
from sessions_app.models.items import State
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS, QuestionStatus
from sessions_app.services.errors import Conflict, Invalid, NotFound
from sessions_app.services.subjects import check_items
from sessions_app.services.texts import clean_line, clean_text


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
            _hang_on(change, agent_type, known, question)
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
    BlockerItem.objects.bulk_create(
        BlockerItem(project_id=change.project_id, blocker=blocker, item_id=item_id) for item_id in item_ids
    )
    change.record(
        Kind.BLOCKER_RAISED,
        actor=Actor.agent(agent_type),
        blocker_id=blocker.id,
        question_id=question.id if question else None,
        text=blocker.text,
        type=blocker.type,
        source=blocker.source,
        items=[str(item_id) for item_id in item_ids],
    )
    return blocker


def _hang_on(change: Change, agent_type: str, blocker: Blocker, question: Question) -> None:
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
    gaps = (b for b in blockers if b.status == BlockerStatus.OPEN and b.source == BlockerSource.AGENT)
    clear(change, gaps, f"item added: {by.title}"[:40])


def item_gone(change: Change, item: Item, *, how: str) -> None:
    """Clear agents' blockers that stopped this item and now stop nothing that is undecided."""
    candidates = (
        Blocker.objects.open()
        .filter(project_id=change.project_id, source=BlockerSource.AGENT, blocked_items__item_id=item.id)
        .distinct()
    )
    for blocker in candidates:
        others = blocker.blocked_items.exclude(item_id=item.id).exclude(item__state=State.DECIDED)
        if not others.exists() and blocker.type != BlockerType.INFORMATION:
            _end(change, blocker, BlockerStatus.CLEARED, how, None)


def _end_by_hand(project_id: UUID, actor: Actor, blocker_id: UUID, status: BlockerStatus) -> Blocker:
    with ledger.change(project_id, actor) as change:
        blocker = Blocker.objects.filter(project_id=project_id, id=blocker_id).first()
        if blocker is None:
            raise NotFound("This blocker is not there any more.")
        if blocker.source == BlockerSource.DEPENDENCY:
            raise Invalid("blocker", "follows its item: decide or park the item, or let nothing wait for it.")
        if blocker.status == status:
            return blocker
        if blocker.status != BlockerStatus.OPEN:
            raise Conflict(f"This blocker was {blocker.status} meanwhile.", current=blocker)
        _end(change, blocker, status, "by hand", actor)
    return blocker


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
