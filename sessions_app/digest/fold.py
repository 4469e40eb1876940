"""Folds what agents reported into questions and blockers, a project at a time."""

from __future__ import annotations

import logging

from django.db import OperationalError
from django.db.models import QuerySet

from sessions_app import ledger
from sessions_app.db.retry import retrying
from sessions_app.digest.claims import Claim
from sessions_app.insights import activity_rules
from sessions_app.insights.activity_rules import BadActivity, Derived
from sessions_app.ledger import Actor, Change
from sessions_app.models import AgentActivity, Blocker, Question
from sessions_app.models.blockers import BlockerSource
from sessions_app.services import asking, blockers
from sessions_app.services.agents import known_items

logger = logging.getLogger(__name__)

# One transaction's share: long enough to be cheap, short enough not to hold the project's lock long.
BATCH_ROWS = 500
# A report that took its digester down with it so often is left alone, and says so in the feed.
MOST_TRIES = 3


def fold_reports(claim: Claim) -> int:
    """Fold the project's waiting reports, oldest first; returns how many.

    One batch is one transaction and at most one new version, and none if no panel changed. When a
    digester before this one failed, they are folded one by one: one that brings its digester down is
    given up after MOST_TRIES, and holds up no other. Raises LeaseLost.
    """
    folded = 0
    while batch := (_fold_one(claim) if claim.tries > 1 else _fold_batch(claim)):
        folded += batch
    return folded


@retrying
def _fold_batch(claim: Claim) -> int:
    with claim.transaction():
        return _fold_rows(claim, _waiting(claim)[:BATCH_ROWS])


def _fold_one(claim: Claim) -> int:
    if (row := _note_try(claim)) is None:
        return 0
    return _fold_noted(claim, row)


@retrying
def _note_try(claim: Claim) -> AgentActivity | None:
    """Count the try before it is made, in a transaction of its own: what kills it cannot undo that."""
    with claim.transaction():
        row = _waiting(claim).first()
        if row is not None:
            row.tries += 1
            row.save(update_fields=["tries"])
    return row


@retrying
def _fold_noted(claim: Claim, row: AgentActivity) -> int:
    with claim.transaction():
        if row.tries <= MOST_TRIES:
            return _fold_rows(claim, _waiting(claim).filter(id=row.id))
        logger.error("report %s is given up: it ended its digester %s times", row.id, MOST_TRIES)
        row.digested_version, row.failure = 0, "GivenUp"
        row.save(update_fields=["digested_version", "failure"])
    return 1


def _waiting(claim: Claim) -> QuerySet[AgentActivity]:
    return AgentActivity.objects.filter(project_id=claim.project_id, digested_version__isnull=True).order_by(
        "received_at", "id"
    )


def _fold_rows(claim: Claim, rows: QuerySet[AgentActivity]) -> int:
    # Read before the project is locked: to find that nothing waits must hold up nobody.
    waiting = list(rows)
    if not waiting:
        return 0
    with ledger.change(claim.project_id, Actor.system()) as change:
        for row in waiting:
            _fold_alone(change, row)
        version = change.version if change.rows else 0
        for row in waiting:
            row.digested_version = version
        AgentActivity.objects.bulk_update(waiting, ["digested_version", "failure"])
    return len(waiting)


def _fold_alone(change: Change, row: AgentActivity) -> None:
    """Fold one report so that it fails alone: it says so in the feed and holds up no other."""
    try:
        with change.attempt():
            _fold(change, row)
    except OperationalError:
        # The moment's trouble (a deadlock, a lost connection), not the report's: the batch runs again.
        raise
    except Exception as error:
        logger.exception("report %s cannot be folded", row.id)
        row.failure = type(error).__name__


def _fold(change: Change, row: AgentActivity) -> None:
    try:
        derived = activity_rules.derive(row.agent_type, row.action, row.details)
    except BadActivity:
        # It was good when it came in (the intake checked it); an older release's row may not be by
        # today's rules. It stays in the feed and derives nothing.
        return
    asked = _ask(change, row.agent_type, derived)
    for new in derived.blockers:
        items = known_items(change.project_id, new.blocks)
        hangs_on = new.question and activity_rules.fingerprint(row.agent_type, new.question, new.blocks)
        question = asked.get(hangs_on or "")
        blockers.raise_or_count(change, row.agent_type, new, items, question)
    # What follows from dependencies follows the items, whatever an agent says of it.
    gone = Blocker.objects.open().filter(project_id=change.project_id, source=BlockerSource.AGENT)
    agent = Actor.agent(row.agent_type)
    blockers.clear(change, gone.filter(id__in=derived.fills), "gap filled", actor=agent)
    blockers.clear(change, gone.filter(id__in=derived.resolves), "reported resolved", actor=agent)
    own = asking.open_of(change.project_id, row.agent_type)
    asking.withdraw(change, own.filter(id__in=derived.resolves))


def _ask(change: Change, agent_type: str, derived: Derived) -> dict[str, Question]:
    asked = {}
    for new in derived.questions:
        items = known_items(change.project_id, new.blocks)
        identity = activity_rules.fingerprint(agent_type, new.text, new.blocks)
        blocks = bool(new.blocks) or agent_type == activity_rules.CLARIFICATION_AGENT
        asked[identity] = asking.ask_or_count(change, agent_type, new, items, blocks=blocks)
    return asked
