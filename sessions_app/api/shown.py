"""The project's things as the API gives them out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sessions_app.api.showing import Shown
from sessions_app.models import Activity, AgentActivity, Blocker, HandOff, Item, Message, Question
from sessions_app.models.blockers import BlockerSource
from sessions_app.models.items import State
from sessions_app.models.questions import QuestionStatus
from sessions_app.services.questions import Reach


class Who(Shown):
    """Who did it: a person, an agent, or the system itself."""

    kind: str
    user_id: UUID | None
    agent_type: str | None
    name: str


class Citation(Shown):
    """Where an item comes from: words somebody said."""

    quote: str
    message_id: UUID | None
    at: dt.datetime | None
    confidence: float | None


class ItemNamed(Shown):
    id: UUID
    title: str


class ContestShown(Shown):
    """Somebody does not agree with the decision."""

    by: Who
    reason: str
    at: dt.datetime


class ItemShown(Shown):
    id: UUID
    title: str
    text: str
    state: State
    reason: str
    outcome: str
    # Send it back with an edit: a stale one is refused.
    version: int
    state_by: Who
    state_changed_at: dt.datetime
    changed_at: dt.datetime
    created_at: dt.datetime
    wake_at: dt.datetime | None
    # The item whose decision wakes it, or after how many visits it wakes.
    wake_item: ItemNamed | None
    wake_sessions: int | None
    woke_at: dt.datetime | None
    # What else was considered when it was decided, and which decision took its place.
    alternatives: list[str]
    superseded_by: ItemNamed | None
    # When it parks itself, standing still, unless somebody keeps or changes it.
    parks_at: dt.datetime | None
    contest: ContestShown | None
    # When the decision is to be looked at again, and since when that day has come.
    review_at: dt.datetime | None
    review_due_at: dt.datetime | None
    citation: Citation | None


class ItemWhole(ItemShown):
    """An item with what it waits for, what waits for it, and whose place it takes."""

    supersedes: list[ItemNamed]
    waits_for: list[ItemNamed]
    holds_up: list[ItemNamed]


class MessageShown(Shown):
    id: UUID
    role: str
    author: Who
    text: str
    metadata: dict[str, Any]
    created_at: dt.datetime
    edited_at: dt.datetime | None
    is_deleted: bool


class QuestionShown(Shown):
    id: UUID
    agent_type: str
    # For whom it is asked, where a person contests a decision.
    asked_by: Who | None
    text: str
    status: QuestionStatus
    category: str
    importance: str
    options: list[Any]
    # Ids of the items that wait for the answer.
    blocks: list[UUID]
    # How many exploring items an answer leaves with nothing open that holds them up; how many others it
    # helps, which something else holds up too. Of an open question.
    frees: int
    helps: int
    times_seen: int
    expires_at: dt.datetime | None
    created_at: dt.datetime
    ended_at: dt.datetime | None
    # By what, where no person ended it: "the decision was confirmed", "nobody waits for it any more".
    ended_how: str | None
    answer: str | None
    answer_message_id: UUID | None


class WaitsFor(Shown):
    """On whom, on which item's decision, or on which day a blocker waits: one of them.

    `is_member` is false once the person has left: then nobody is named any more.
    """

    user_id: UUID | None = None
    name: str | None = None
    is_member: bool | None = None
    item_id: UUID | None = None
    title: str | None = None
    until: dt.datetime | None = None


class BlockerShown(Shown):
    """`type` is information, decision or clarification; `source` is agent, dependency or person.

    `blocked_items` are the first of the exploring items that wait for it, `blocked_count` is how many do.
    `waits_for` is what a person said that it waits for, or null.
    """

    id: UUID
    text: str
    type: str
    blocked_items: list[ItemNamed]
    blocked_count: int
    since: dt.datetime
    source: str
    # The name of the person who raised it.
    raised_by: str | None
    waits_for: WaitsFor | None


class BlockerWhole(BlockerShown):
    """A blocker with all that is known of it."""

    agent_type: str | None
    question_id: UUID | None
    status: str
    times_seen: int
    ended_at: dt.datetime | None
    # By what: "answered", "“Lamp” was decided", "reported resolved".
    ended_how: str | None
    ended_by: Who | None


class HandOffShown(Shown):
    """A note that a person left at the end of a session, for whoever comes next."""

    id: UUID
    author: Who
    text: str
    session_id: UUID | None
    # The project's version it was left at.
    version: int
    at: dt.datetime


class ReportShown(Shown):
    """What an agent reported, as it came. `failure` says why nothing could be derived from it."""

    id: UUID
    agent_type: str
    action: str
    details: dict[str, Any]
    occurred_at: dt.datetime | None
    received_at: dt.datetime
    is_digested: bool
    failure: str | None


class FactShown(Shown):
    """One row of the ledger: what happened, in the past tense."""

    id: int
    version: int
    kind: str
    actor: Who
    item_id: UUID | None
    question_id: UUID | None
    blocker_id: UUID | None
    message_id: UUID | None
    data: dict[str, Any]
    at: dt.datetime


def item_shown(item: Item) -> ItemShown:
    """An item; read `with_names` where many are shown."""
    return ItemShown(**_item_fields(item))


def item_whole(item: Item) -> ItemWhole:
    """An item with its dependencies and what it supersedes."""
    return ItemWhole(
        **_item_fields(item),
        supersedes=[_named(other) for other in item.supersedes.order_by("title", "id")],
        waits_for=[_named(edge.blocking) for edge in item.waits_for.select_related("blocking")],
        holds_up=[_named(edge.waiting) for edge in item.holds_up.select_related("waiting")],
    )


def message_shown(message: Message) -> MessageShown:
    return MessageShown(
        id=message.id,
        role=message.role,
        author=_who(message.user_id, message.user, message.agent_type),
        text=message.text,
        metadata=message.metadata,
        created_at=message.created_at,
        edited_at=message.edited_at,
        is_deleted=message.deleted_at is not None,
    )


def question_shown(question: Question, reach: Reach | None = None) -> QuestionShown:
    """A question with how far its answer reaches; left out where it is over, and reaches nothing any more."""
    reach = reach or Reach()
    return QuestionShown(
        id=question.id,
        agent_type=question.agent_type,
        asked_by=_who(question.asked_by_id, question.asked_by, "") if question.asked_by_id else None,
        text=question.text,
        status=QuestionStatus(question.status),
        category=question.category,
        importance=question.importance,
        options=question.options,
        blocks=sorted(row.item_id for row in question.blocked_items.all()),
        frees=reach.frees,
        helps=reach.helps,
        times_seen=question.times_seen,
        expires_at=question.expires_at,
        created_at=question.created_at,
        ended_at=question.ended_at,
        ended_how=question.ended_how or None,
        answer=question.answer or None,
        answer_message_id=question.answer_message_id,
    )


def blocker_whole(blocker: Blocker, member_ids: Collection[UUID]) -> BlockerWhole:
    """A blocker; its items are read along (prefetch_related) where many are shown.

    `member_ids` are those members for whom blockers wait: whoever left is named no more.
    """
    waiting = [_named(row.item) for row in blocker.blocked_items.all() if row.item.state == State.EXPLORING]
    return BlockerWhole(
        id=blocker.id,
        text=blocker.text,
        type=blocker.type,
        source=blocker.source,
        agent_type=blocker.agent_type or None,
        blocked_items=waiting,
        blocked_count=len(waiting),
        question_id=blocker.question_id,
        since=blocker.created_at,
        raised_by=str(blocker.raised_by) if blocker.raised_by else None,
        waits_for=_waits_for(blocker, member_ids),
        status=blocker.status,
        times_seen=blocker.times_seen,
        ended_at=blocker.ended_at,
        ended_how=blocker.ended_how or None,
        ended_by=_who(blocker.ended_by_id, blocker.ended_by, "") if blocker.ended_by_id else None,
    )


def hand_off_shown(row: HandOff) -> HandOffShown:
    """A hand-off; its `user` is read along (select_related) where many are shown."""
    return HandOffShown(
        id=row.id,
        author=_who(row.user_id, row.user, ""),
        text=row.text,
        session_id=row.session_id,
        version=row.version,
        at=row.created_at,
    )


def _waits_for(blocker: Blocker, member_ids: Collection[UUID]) -> WaitsFor | None:
    """As `waits_for_stored` says it, of a row."""
    if blocker.waits_for:
        user = blocker.waits_for
        return WaitsFor(user_id=user.id, name=str(user), is_member=user.id in member_ids)
    if blocker.item and blocker.source == BlockerSource.PERSON:
        return WaitsFor(item_id=blocker.item.id, title=blocker.item.title)
    return WaitsFor(until=blocker.waits_until) if blocker.waits_until else None


def waits_for_stored(row: Mapping[str, Any]) -> WaitsFor | None:
    """What a blocker of the summary waits for."""
    if person := row["waits_for"]:
        return WaitsFor(user_id=person["id"], name=person["name"], is_member=person["is_member"])
    if item := row["waits_on"]:
        return WaitsFor(item_id=item["id"], title=item["title"])
    return WaitsFor(until=row["waits_until"]) if row["waits_until"] else None


def report_shown(row: AgentActivity) -> ReportShown:
    return ReportShown(
        id=row.id,
        agent_type=row.agent_type,
        action=row.action,
        details=row.details,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        is_digested=row.digested_version is not None,
        failure=row.failure or None,
    )


def fact_shown(row: Activity) -> FactShown:
    return FactShown(
        id=row.id,
        version=row.version,
        kind=row.kind,
        actor=_who(row.actor_id, row.actor, row.actor_agent),
        item_id=row.item_id,
        question_id=row.question_id,
        blocker_id=row.blocker_id,
        message_id=row.message_id,
        data=row.data,
        at=row.created_at,
    )


def _item_fields(item: Item) -> dict[str, Any]:
    citation = None
    if item.citation_quote:
        citation = Citation(
            quote=item.citation_quote,
            message_id=item.citation_message_id,
            at=item.citation_at,
            confidence=item.citation_confidence,
        )
    return {
        "id": item.id,
        "title": item.title,
        "text": item.text,
        "state": State(item.state),
        "reason": item.reason,
        "outcome": item.outcome,
        "version": item.version,
        "state_by": _who(item.state_by_id, item.state_by, item.state_by_agent),
        "state_changed_at": item.state_changed_at,
        "changed_at": item.changed_at,
        "created_at": item.created_at,
        "wake_at": item.wake_at,
        "wake_item": _named(item.wake_item) if item.wake_item else None,
        "wake_sessions": item.wake_sessions,
        "woke_at": item.woke_at,
        "alternatives": item.alternatives,
        "superseded_by": _named(item.superseded_by) if item.superseded_by else None,
        "parks_at": item.parks_at,
        "contest": _contest(item),
        "review_at": item.review_at,
        "review_due_at": item.review_due_at,
        "citation": citation,
    }


def _contest(item: Item) -> ContestShown | None:
    if item.contested_at is None:
        return None
    who = _who(item.contested_by_id, item.contested_by, "")
    return ContestShown(by=who, reason=item.contest_reason, at=item.contested_at)


def _who(user_id: UUID | None, user: object, agent_type: str) -> Who:
    if user_id:
        return Who(kind="user", user_id=user_id, agent_type=None, name=str(user))
    if agent_type:
        return Who(kind="agent", user_id=None, agent_type=agent_type, name=agent_type)
    return Who(kind="system", user_id=None, agent_type=None, name="Leftoff")


def _named(item: Item) -> ItemNamed:
    return ItemNamed(id=item.id, title=item.title)
