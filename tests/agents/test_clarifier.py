"""A question that nobody takes up in the chat is asked where it is seen."""

from __future__ import annotations

import datetime as dt

import pytest

from sessions_app import clock
from sessions_app.agents import clarifier
from sessions_app.digest.digester import digest_waiting
from sessions_app.insights.in_house import CLARIFIER, RECORDER
from sessions_app.models import Blocker, Message, Question
from sessions_app.services import agents, messages, projects
from tests.agents.listening import reports, say
from tests.conftest import Cast
from tests.doing import DAY, NINE, as_system, do, every, the

THEN = NINE + clarifier.WAIT
MINUTE = dt.timedelta(minutes=1)


def clarify(cast: Cast, message: Message, at: dt.datetime = THEN) -> bool:
    """Look at a message when its time has come, and have what is asked folded."""
    with clock.at(at):
        asked = clarifier.clarify(cast.project.id, message.id)
        digest_waiting([cast.project.id])
    return asked


def test_what_nobody_answered_is_asked(cast: Cast) -> None:
    message = say(cast, "I looked everywhere. Who has the key to the hall?", at=NINE)
    assert clarify(cast, message)
    question = the(Question, cast)
    assert question.text == "Asked in the chat, and nobody answered yet: “Who has the key to the hall?”"
    assert (question.agent_type, question.expires_at) == (CLARIFIER, NINE + 7 * DAY)
    assert the(Blocker, cast).type == "clarification"
    assert reports(cast)[0].details["message"] == str(message.id)


def test_it_is_asked_once(cast: Cast) -> None:
    message = say(cast, "Who has the key to the hall?", at=NINE)
    assert clarify(cast, message)
    assert not clarify(cast, message, THEN + MINUTE)
    assert len(reports(cast)) == 1


def test_who_was_answered_is_not_asked_for(cast: Cast) -> None:
    message = say(cast, "Who has the key to the hall?", at=NINE)
    say(cast, "I do.", "ann", at=NINE + MINUTE)
    assert not clarify(cast, message)
    assert every(Question, cast) == []


def test_an_agents_answer_is_one(cast: Cast) -> None:
    message = say(cast, "Who has the key to the hall?", at=NINE)
    as_system(cast, agents.post_agent_message, "LibrarianAgent", text="Ann has it.")
    assert not clarify(cast, message)


def test_what_oneself_or_the_recorder_says_after_it_is_no_answer(cast: Cast) -> None:
    message = say(cast, "Who has the key to the hall?", at=NINE)
    say(cast, "Anyway, the roof is fine.", at=NINE + MINUTE)
    as_system(cast, agents.post_agent_message, RECORDER, text="“/decide”: Say which item")
    assert clarify(cast, message)


def test_a_deleted_answer_is_none(cast: Cast) -> None:
    message = say(cast, "Who has the key to the hall?", at=NINE)
    answer = say(cast, "I do.", "ann", at=NINE + MINUTE)
    do(cast, "ann", messages.delete_message, answer.id)
    assert clarify(cast, message)


@pytest.mark.parametrize("becomes", ["Found it, thanks!", None])
def test_what_asks_no_more_is_not_asked(cast: Cast, becomes: str | None) -> None:
    message = say(cast, "Who has the key to the hall?", at=NINE)
    if becomes:
        do(cast, "bob", messages.edit_message, message.id, text=becomes)
    else:
        do(cast, "bob", messages.delete_message, message.id)
    assert not clarify(cast, message)


def test_after_two_days_nobody_waits_for_it(cast: Cast) -> None:
    message = say(cast, "Who has the key to the hall?", at=NINE)
    assert not clarify(cast, message, NINE + 2 * DAY)


def test_a_viewers_question_counts(cast: Cast) -> None:
    assert clarify(cast, say(cast, "Who has the key to the hall?", "vera", at=NINE))


def test_a_paused_project_is_left_alone(cast: Cast) -> None:
    message = say(cast, "Who has the key to the hall?", at=NINE)
    as_system(cast, projects.pause_agents)
    assert not clarify(cast, message)
