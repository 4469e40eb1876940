"""The digester: folds what agents reported into questions and blockers, a project at a time."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import OperationalError

from sessions_app import ledger
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.insights import activity_rules
from sessions_app.insights.activity_rules import BadActivity, Derived
from sessions_app.ledger import Actor, Change
from sessions_app.models import AgentActivity, Blocker, Question
from sessions_app.models.blockers import BlockerSource
from sessions_app.services import blockers, questions
from sessions_app.services.agents import known_items

logger = logging.getLogger(__name__)

# One transaction's share: long enough to be cheap, short enough not to hold the project's lock long.
BATCH_ROWS = 500


def digest(project_id: UUID) -> int:
    """Fold the project's waiting reports, oldest first; returns how many.

    One batch is one transaction and at most one new version, and none if no panel changed. Rows
    another digester holds are left to it.
    """
    folded = 0
    while batch := _digest_batch(project_id):
        folded += batch
        if batch < BATCH_ROWS:
            break
    return folded


@retrying
def _digest_batch(project_id: UUID) -> int:
    with acting_as_system([project_id]), ledger.change(project_id, Actor.system()) as change:
        waiting = list(
            AgentActivity.objects.select_for_update(skip_locked=True)
            .filter(project_id=project_id, digested_version__isnull=True)
            .order_by("received_at", "id")[:BATCH_ROWS]
        )
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


def _ask(change: Change, agent_type: str, derived: Derived) -> dict[str, Question]:
    asked = {}
    for new in derived.questions:
        items = known_items(change.project_id, new.blocks)
        identity = activity_rules.fingerprint(agent_type, new.text, new.blocks)
        blocks = bool(new.blocks) or agent_type == activity_rules.CLARIFICATION_AGENT
        asked[identity] = questions.ask_or_count(change, agent_type, new, items, blocks=blocks)
    return asked
