"""Reviews: whether a decision still stands, because somebody contests it or its day has come."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sessions_app import ledger
from sessions_app.insights.activity_rules import REVIEW_AGENT, NewQuestion
from sessions_app.insights.wording import as_sentence
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Item, Question
from sessions_app.models.items import REASON_MAX_CHARACTERS, State
from sessions_app.services import asking, items, moving
from sessions_app.services.errors import Conflict, Invalid
from sessions_app.services.texts import clean_text

# Shorter than other reasons: with title and name it must fit into a question.
CONTEST_MAX_CHARACTERS = 1_000
STANDS, REOPEN = "It stands", "Reopen it"


def contest_item(project_id: UUID, actor: Actor, item_id: UUID, *, reason: str) -> Item:
    """Say, as a person, that one does not agree with a decision, and why.

    The item stays decided; a question asks everybody whether it stands. A later contest takes the place
    of one that is open; the same words by the same person change nothing. Raises NotFound, Invalid for a
    bad reason or none, Conflict when the item is not decided.
    """
    reason = clean_text(reason, "reason", most=CONTEST_MAX_CHARACTERS, required=True)
    with ledger.change(project_id, actor) as change:
        item = _decided(project_id, item_id)
        if (item.contested_by_id, item.contest_reason) == (actor.user_id, reason):
            return item
        asking.retire(change, asking.open_reviews(project_id, item.id), "it was contested again")
        item.contested_at, item.contested_by_id, item.contest_reason = change.now, actor.user_id, reason
        _save(change, item)
        change.record(Kind.ITEM_CONTESTED, item_id=item.id, title=item.title, reason=reason)
        asked = f"{actor.name} contests the decision “{item.title}”: {as_sentence(reason)} Does it stand?"
        asking.ask(
            change, REVIEW_AGENT, NewQuestion(asked, options=(STANDS, REOPEN)), item_ids=[item.id], by=actor
        )
    return item


def confirm_item(
    project_id: UUID, actor: Actor, item_id: UUID, *, reason: str = "", review_at: dt.datetime | None = None
) -> Item:
    """Say that a decision stands: whatever asked for a review of it is over.

    `review_at` is when it is to be looked at again; left out, a day that has not come stays. Confirming
    what nothing speaks against changes nothing but that day. Raises NotFound, Invalid, and Conflict when
    the item is not decided.
    """
    reason = clean_text(reason, "reason", most=REASON_MAX_CHARACTERS)
    with ledger.change(project_id, actor) as change:
        if review_at is not None and review_at <= change.now:
            raise Invalid("review_at", "must be in the future.")
        item = _decided(project_id, item_id)
        next_review = review_at or (None if item.review_due_at else item.review_at)
        if not item.is_to_review and next_review == item.review_at:
            return item
        _confirm(change, item, reason, next_review)
    return item


def ask_due(project_id: UUID, now: dt.datetime) -> int:
    """Let the decisions whose review date has come ask for a look; returns how many.

    Run by the upkeep job.
    """
    with ledger.change(project_id, Actor.system()) as change:
        due = list(
            Item.objects.in_state(State.DECIDED).filter(
                project_id=project_id, review_due_at__isnull=True, review_at__lte=now
            )
        )
        for item in due:
            item.review_due_at = now
            _save(change, item)
            change.record(Kind.ITEM_REVIEW_DUE, item_id=item.id, title=item.title)
    return len(due)


def take_answer(change: Change, question: Question) -> None:
    """Do what a review's question offers, when that was answered; any other answer is only said."""
    if question.agent_type != REVIEW_AGENT or question.asked_by_id is None:
        return
    item = Item.objects.get(project_id=change.project_id, id=question.blocked_items.get().item_id)
    if question.answer == STANDS:
        _confirm(change, item, "", item.review_at if item.review_due_at is None else None)
    elif question.answer == REOPEN:
        items.explore_item(change.project_id, change.actor, item.id, reason=question.answer)


def _decided(project_id: UUID, item_id: UUID) -> Item:
    item = items.get_item(project_id, item_id)
    if not item.is_decided:
        raise Conflict(f"This item is {item.state}, not decided.", current=item)
    return item


def _confirm(change: Change, item: Item, reason: str, next_review: dt.datetime | None) -> None:
    moving.end_review(change, item, "the decision was confirmed")
    item.review_at = next_review
    _save(change, item)
    change.record(Kind.ITEM_CONFIRMED, item_id=item.id, title=item.title, reason=reason)


def _save(change: Change, item: Item) -> None:
    item.version, item.changed_at = change.version, change.now
    item.save(update_fields=[*moving.REVIEW_FIELDS, "version", "changed_at"])
