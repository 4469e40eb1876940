"""Questions: answered, dismissed, expired."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import DatabaseError

from sessions_app.db.rls import acting_as
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import Blocker, Message, Question
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from sessions_app.services import agents, questions
from sessions_app.services.errors import Conflict, NotFound
from tests.conftest import Cast
from tests.doing import (
    DAY,
    HOUR,
    NINE,
    NOT_TEXT,
    add,
    again,
    as_system,
    at_once,
    counter,
    do,
    every,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
    report,
    the,
)


def test_an_answer_is_said_in_the_chat_and_clears_what_hung_on_it(cast: Cast) -> None:
    (item,) = add(cast, "Lamp")
    question = ask(cast, "How bright?", blocks=[str(item.id)])
    before = counter(cast).version
    do(cast, "bob", questions.answer_question, question.id, answer="  A thousand candles ")
    answered, message, blocker = again(question), the(Message, cast), the(Blocker, cast)
    assert (answered.status, answered.answer) == ("answered", "A thousand candles")
    assert (answered.ended_by_id, answered.answer_message_id) == (cast.bob.id, message.id)
    assert (message.text, message.role, message.user_id) == ("A thousand candles", "user", cast.bob.id)
    assert message.metadata == {"answers": str(question.id)}
    assert (blocker.status, blocker.ended_how, blocker.ended_by_id) == ("cleared", "answered", cast.bob.id)
    stands = counter(cast)
    assert (stands.version, stands.questions_open, stands.blockers_open) == (before + 1, 0, 0)
    said, answer, cleared = ledger(cast, before)
    assert (said.kind, said.message_id, said.data) == ("message.posted", message.id, {})
    assert (answer.kind, answer.question_id, answer.message_id, answer.data) == (
        "question.answered",
        question.id,
        message.id,
        {"text": "How bright?"},
    )
    assert (cleared.kind, cleared.question_id) == ("blocker.cleared", question.id)
    assert cleared.data == {"text": "How bright?", "how": "answered"}


def test_an_answer_also_fills_the_gap_it_was_asked_for(cast: Cast) -> None:
    gap = {"description": "The depth is unknown", "question": "How deep is it?"}
    report(cast, "GapDetectionAgent", {"gaps": [gap]})
    do(cast, "bob", questions.answer_question, the(Question, cast).id, answer="Nine fathoms")
    assert the(Blocker, cast).status == "cleared"


def test_an_answer_must_be_text_of_some_length(cast: Cast) -> None:
    question = ask(cast, "How bright?")
    for answer in ("", "  \n", "x" * (MESSAGE_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused_field(do, cast, "bob", questions.answer_question, question.id, answer=answer) == (
            "answer"
        )
    do(cast, "bob", questions.answer_question, question.id, answer="x" * MESSAGE_MAX_CHARACTERS)
    assert len(again(question).answer) == MESSAGE_MAX_CHARACTERS


def test_a_question_ends_once(cast: Cast) -> None:
    """Whoever comes second is told how it ended, and sees the answer that stands."""
    question = ask(cast, "How bright?")
    do(cast, "ann", questions.answer_question, question.id, answer="Very")
    with nothing_changes(), pytest.raises(Conflict, match="answered meanwhile") as late:
        do(cast, "bob", questions.answer_question, question.id, answer="Not at all")
    assert late.value.current.answer == "Very"
    with nothing_changes(), pytest.raises(Conflict):
        do(cast, "bob", questions.dismiss_question, question.id)


def test_two_answers_at_the_same_moment_make_one(cast: Cast) -> None:
    question = ask(cast, "How bright?")
    results = at_once(
        *(
            lambda who=who: do(cast, who, questions.answer_question, question.id, answer=f"By {who}")
            for who in ("ann", "bob")
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Question"]
    assert the(Message, cast).text == again(question).answer
    assert kinds(cast).count("question.answered") == 1


def test_a_dismissed_question_frees_what_hung_on_it_alone(cast: Cast) -> None:
    (item,) = add(cast, "Lamp")
    question = ask(cast, "How bright?", blocks=[str(item.id)])
    before = counter(cast).version
    do(cast, "bob", questions.dismiss_question, question.id)
    dismissed, blocker = again(question), the(Blocker, cast)
    assert (dismissed.status, dismissed.ended_by_id, dismissed.answer) == ("dismissed", cast.bob.id, "")
    assert (blocker.status, blocker.ended_how) == ("cleared", "question dismissed")
    assert every(Message, cast) == []
    assert kinds(cast, before) == ["question.dismissed", "blocker.cleared"]
    assert ledger(cast, before)[0].data == {"text": "How bright?"}


@pytest.mark.parametrize("how", ["dismissed", "expired"])
def test_a_gap_stays_one_when_nobody_answers(cast: Cast, how: str) -> None:
    gap = {"description": "The depth is unknown", "question": "How deep is it?"}
    report(cast, "GapDetectionAgent", {"gaps": [gap]})
    question = the(Question, cast)
    if how == "dismissed":
        do(cast, "bob", questions.dismiss_question, question.id)
    else:
        set_deadline(cast, question, NINE)
        assert as_system(cast, questions.expire_due, NINE) == 1
    assert again(question).status == how
    assert the(Blocker, cast).status == "open"


def test_a_question_expires_once_at_its_deadline(cast: Cast) -> None:
    """Until the job has run, it is open everywhere; then it is expired by nobody in particular."""
    details = {"questions": [{"question": "Now?", "expiresAt": (NINE + HOUR).isoformat()}]}
    report(cast, "ClarificationAgent", details)
    question = the(Question, cast)
    assert question.expires_at == NINE + HOUR
    assert as_system(cast, questions.expire_due, NINE) == 0
    assert counter(cast).questions_open == 1
    before = counter(cast).version
    assert as_system(cast, questions.expire_due, NINE + HOUR) == 1
    assert as_system(cast, questions.expire_due, NINE + DAY) == 0
    assert (again(question).status, again(question).ended_by_id) == ("expired", None)
    assert (the(Blocker, cast).status, the(Blocker, cast).ended_how) == ("cleared", "question expired")
    assert kinds(cast, before) == ["question.expired", "blocker.cleared"]
    assert {row.actor_kind for row in ledger(cast, before)} == {"system"}
    assert counter(cast).questions_open == 0


def test_an_expired_question_takes_no_answer(cast: Cast) -> None:
    question = ask(cast, "Now?")
    set_deadline(cast, question, NINE)
    as_system(cast, questions.expire_due, NINE)
    with nothing_changes(), pytest.raises(Conflict, match="expired"):
        do(cast, "bob", questions.answer_question, question.id, answer="Yes")


def test_what_is_not_here_is_not_found(cast: Cast) -> None:
    with acting_as(cast.zoe.id):
        agents.post_agent_activity(
            cast.other.id, agent_type="QuestionerAgent", action="asks", details={"question": "Zoe?"}
        )
    digest_waiting([cast.other.id])
    with acting_as(cast.zoe.id):
        others = Question.objects.get()
    for question_id in (others.id, uuid.uuid4()):
        with nothing_changes(), pytest.raises(NotFound):
            do(cast, "bob", questions.answer_question, question_id, answer="Yes")
        with nothing_changes(), pytest.raises(NotFound):
            do(cast, "bob", questions.dismiss_question, question_id)


def test_an_outsider_is_refused(cast: Cast) -> None:
    question = ask(cast, "How bright?")
    with nothing_changes(), pytest.raises(DatabaseError):
        do(cast, "zoe", questions.answer_question, question.id, answer="Mine")
    with nothing_changes(), pytest.raises(DatabaseError):
        do(cast, "zoe", questions.dismiss_question, question.id)


def ask(cast: Cast, text: str, **more: object) -> Question:
    """A question by an agent."""
    report(cast, "QuestionerAgent", {"question": text, **more})
    return the(Question, cast, text=text)


def set_deadline(cast: Cast, question: Question, moment: dt.datetime) -> None:
    with acting_as(cast.bob.id):
        Question.objects.filter(id=question.id).update(expires_at=moment)
