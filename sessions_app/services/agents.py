"""What agents send: activity into the intake, and messages that may carry questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction

from sessions_app import clock, ledger
from sessions_app.insights import activity_rules
from sessions_app.insights.activity_rules import BadActivity, Derived
from sessions_app.ledger import Actor
from sessions_app.models import AgentActivity, Blocker, Item, Message, Question
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from sessions_app.services import asking, messages
from sessions_app.services.errors import Invalid
from sessions_app.services.events import first_time
from sessions_app.services.texts import clean_json, clean_line, clean_text

ACTION_MAX_CHARACTERS = 200
DETAILS_MAX_BYTES = 64 * 1024


def post_agent_activity(
    project_id: UUID,
    *,
    agent_type: str,
    action: str,
    details: Mapping[str, object],
    occurred_at: dt.datetime | None = None,
    token_id: UUID | None = None,
    event_id: UUID | None = None,
) -> AgentActivity | None:
    """Take in what an agent reports: one row, no project lock; the digester does the rest.

    Returns the row, or None when `event_id` was accepted before (it counts once). Raises Invalid
    naming the field for a bad shape or an id that is not this project's, Conflict for an `event_id`
    used with another body.
    """
    agent_type = clean_line(agent_type, "agent_type", most=AGENT_TYPE_MAX_CHARACTERS)
    action = clean_line(action, "action", most=ACTION_MAX_CHARACTERS)
    try:
        derived = activity_rules.derive(agent_type, action, details)
    except BadActivity as bad:
        raise Invalid(bad.field, bad.rule) from bad
    # Also what no rule speaks of is kept and shown.
    body = clean_json([agent_type, action, details], "details", most_bytes=DETAILS_MAX_BYTES)
    with transaction.atomic():
        _check_ids(project_id, _named_ids(derived), agent_type=agent_type)
        actor_key = str(token_id) if token_id else agent_type
        if event_id and not first_time(project_id, actor_key, event_id, body):
            return None
        row = AgentActivity.objects.create(
            project_id=project_id,
            agent_type=agent_type,
            agent_token_id=token_id,
            action=action,
            details=dict(details),
            occurred_at=occurred_at,
            received_at=clock.now(),
        )
        ledger.announce_waiting(project_id)
    return row


def post_agent_message(
    project_id: UUID, agent_type: str, *, text: str, metadata: Mapping[str, object] | None = None
) -> Message:
    """Let an agent speak in the chat; its `metadata.agentQuestions` become questions.

    Raises Invalid naming the field.
    """
    agent_type = clean_line(agent_type, "agent_type", most=AGENT_TYPE_MAX_CHARACTERS)
    text = clean_text(text, "text", most=MESSAGE_MAX_CHARACTERS, required=True)
    try:
        asked = activity_rules.derive_from_message(metadata or {})
    except BadActivity as bad:
        raise Invalid(bad.field, bad.rule) from bad
    clean_json(metadata or {}, "metadata", most_bytes=DETAILS_MAX_BYTES)
    with ledger.change(project_id, Actor.agent(agent_type)) as change:
        _check_ids(
            project_id, {"metadata.agentQuestions": {i for asked_one in asked for i in asked_one.blocks}}
        )
        message = messages.say(change, text, metadata)
        for question in asked:
            waiting = known_items(project_id, question.blocks)
            # By the table of rules a message's question is a question and no blocker.
            asking.ask_or_count(change, agent_type, question, waiting, blocks=False)
    return message


def known_items(project_id: UUID, ids: Iterable[UUID]) -> list[UUID]:
    """The items among `ids`, and the items that the blockers among them stop, in stable order."""
    wanted = list(ids)
    if not wanted:
        return []
    items = set(Item.objects.filter(project_id=project_id, id__in=wanted).values_list("id", flat=True))
    stopped = Blocker.objects.filter(project_id=project_id, id__in=wanted).values_list(
        "blocked_items__item_id", flat=True
    )
    return sorted(items | {item_id for item_id in stopped if item_id})


def _named_ids(derived: Derived) -> dict[str, set[UUID]]:
    """The ids a report names, by the field that names them."""
    return {
        "details.blocks": {
            *derived.blocks,
            *(i for question in derived.questions for i in question.blocks),
            *(i for blocker in derived.blockers for i in blocker.blocks),
        },
        "details.fills": set(derived.fills),
        "details.resolves": set(derived.resolves),
    }


def _check_ids(project_id: UUID, named: Mapping[str, set[UUID]], *, agent_type: str = "") -> None:
    """Whether all are items and blockers of this project; an agent resolves its own questions, too."""
    wanted = set().union(*named.values())
    if not wanted:
        return
    here = set(Item.objects.filter(project_id=project_id, id__in=wanted).values_list("id", flat=True))
    here |= set(Blocker.objects.filter(project_id=project_id, id__in=wanted).values_list("id", flat=True))
    asked = Question.objects.filter(project_id=project_id, agent_type=agent_type, id__in=wanted)
    for field, ids in named.items():
        is_resolved = field == "details.resolves"
        known = here | set(asked.values_list("id", flat=True)) if is_resolved else here
        if unknown := ids - known:
            nor = ", nor a question of yours" if is_resolved else ""
            raise Invalid(field, f"names {min(unknown)}, which is no item or blocker of this project{nor}.")
