"""The recorder: what people say in the chat becomes items, with their words as the source."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import OperationalError

from sessions_app import clock, ledger
from sessions_app.agents import recording
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.insights import said
from sessions_app.insights.asked import open_question
from sessions_app.insights.in_house import RECORDER
from sessions_app.insights.said import Heard
from sessions_app.ledger import Actor
from sessions_app.models import Message
from sessions_app.services import agents, hearing, sessions

logger = logging.getLogger(__name__)

BATCH_MESSAGES = 100
# Who said something so lately is still at it: what follows from it is no news to them.
_JUST_NOW_SECONDS = 60

# Called for a message that ends in a question, in the transaction that marks it heard.
OnQuestion = Callable[[Message], None]


def listen(project_id: UUID, on_question: OnQuestion, *, leave_silent: bool = False) -> int:
    """Hear all that was said in a project, in its order; returns how many messages were heard.

    Each message has its effect once, in one transaction with its mark. With `leave_silent`, those that
    say nothing by the rules stay unheard: a language model reads them.
    """
    heard, version = 0, -1
    # Each is looked at once, also those that are left: what comes after them is not held up.
    while waiting := _waiting(project_id, after=version):
        for message in waiting:
            what = said.read(message.text)
            if what or not leave_silent:
                heard += hear_one(message, what, on_question)
        version = waiting[-1].version
    return heard


def silent(project_id: UUID) -> list[Message]:
    """The first messages that wait and say nothing by the rules."""
    return [message for message in _waiting(project_id, after=-1) if not said.read(message.text)]


@retrying
def hear_one(message: Message, what: Heard, on_question: OnQuestion) -> bool:
    """Record what a message says and mark it heard, in one transaction.

    False when it was heard before, or edited or deleted since it was read: it is left as it is.
    """
    with acting_as_system([message.project_id]):
        at_it = message.user_id if what and _is_just_said(message) else None
        if at_it:
            # Their membership is locked before the project, as everywhere.
            sessions.touch_session(at_it, message.project_id)
        if not (_record(message, what) if what else hearing.hear(message)):
            return False
        if at_it:
            sessions.touch_session(at_it, message.project_id)
        if open_question(message.text):
            on_question(message)
    return True


@retrying
def _waiting(project_id: UUID, after: int) -> Sequence[Message]:
    with acting_as_system([project_id]):
        if hearing.are_agents_in(project_id):
            return hearing.unheard(project_id, BATCH_MESSAGES, after=after)
        hearing.hear_all(project_id)
    return ()


def _is_just_said(message: Message) -> bool:
    return (clock.now() - message.created_at).total_seconds() < _JUST_NOW_SECONDS


def _record(message: Message, what: Heard) -> bool:
    with ledger.change(message.project_id, Actor.agent(RECORDER)) as change:
        if not hearing.hear(message):
            return False
        if not recording.may_still_write(message):
            return True
        try:
            with change.attempt():
                _do(message, what)
        except OperationalError:
            # The moment's trouble, not the message's: the whole is tried again.
            raise
        except Exception:
            # It stays heard and has no effect: it must not hold up what is said after it.
            logger.exception("message %s cannot be recorded", message.id)
    return True


def _do(message: Message, what: Heard) -> None:
    done, refused = recording.record(message, what.statements)
    questions = [each.title for each in what.statements if each.verb == "ask"]
    if done or questions:
        agents.post_agent_activity(
            message.project_id,
            agent_type=RECORDER,
            action=recording.action_words(done, len(questions)),
            details={"message": str(message.id)}
            | ({"recorded": [each.as_details() for each in done]} if done else {})
            | ({"questions": [{"question": text} for text in questions]} if questions else {}),
        )
    # Whoever typed a command expects something of it, and is told when nothing comes.
    for slip in [*what.slips, *refused]:
        agents.post_agent_message(message.project_id, RECORDER, text=f"“{_short(slip.quote)}”: {slip.rule}")


def _short(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
