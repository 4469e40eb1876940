"""Questions on their page: answer, dismiss."""

from __future__ import annotations

import re

from sessions_app.models import Message
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from tests.doing import again, counter, report, the
from tests.views.conftest import World, both_doors, browse


@both_doors
def test_answering_posts_the_answer_as_a_message(world: World, door: str) -> None:
    question = world.question("Which lamp?")
    page = world.act(
        world.cast.bob, "question_answer", {"answer": "The red one"}, door=door, question_id=question.id
    )
    now, message = again(question), the(Message, world.cast)
    assert (now.status, now.answer, now.ended_by_id) == ("answered", "The red one", world.cast.bob.id)
    assert (message.text, message.user_id, now.answer_message_id) == (
        "The red one",
        world.cast.bob.id,
        message.id,
    )
    assert counter(world.cast).questions_open == 0
    assert "Answered." in page
    assert f'id="question-{question.id}"' not in page


def test_an_offered_answer_is_one_click(world: World) -> None:
    """Each option is a button of the plain form, whose value is the answer."""
    question = world.question("Which?", options=["Red & white", "Blue"])
    page = browse(world.cast.bob).get(world.path("project")).text
    offered = re.findall(r'<button[^>]*name="answer"[^>]*value="([^"]*)"', page)
    assert offered == ["Red &amp; white", "Blue"]
    world.act(world.cast.bob, "question_answer", {"answer": "Red & white"}, question_id=question.id)
    assert again(question).answer == "Red & white"


@both_doors
def test_dismissing_a_question(world: World, door: str) -> None:
    question = world.question()
    page = world.act(world.cast.bob, "question_dismiss", door=door, question_id=question.id)
    assert "Question dismissed." in page
    assert (again(question).status, counter(world.cast).questions_open) == ("dismissed", 0)


def test_an_answer_that_does_not_fit_is_refused(world: World) -> None:
    question = world.question()
    page = world.refuse(
        world.cast.bob, "question_answer", {"answer": " "}, status=422, question_id=question.id
    )
    assert "Answer must not be empty" in page
    too_long = {"answer": "x" * (MESSAGE_MAX_CHARACTERS + 1)}
    world.refuse(world.cast.bob, "question_answer", too_long, status=422, question_id=question.id)
    assert again(question).status == "open"


def test_whoever_answers_second_is_told(world: World) -> None:
    """The second answer is not lost: the page says what happened and shows it."""
    question = world.question()
    world.act(world.cast.ann, "question_answer", {"answer": "First"}, question_id=question.id)
    for name in ("question_answer", "question_dismiss"):
        page = world.refuse(
            world.cast.bob, name, {"answer": "My own view"}, status=409, question_id=question.id
        )
        assert "This question was answered meanwhile." in page
    assert again(question).answer == "First"


def test_answering_clears_what_hung_on_it(world: World) -> None:
    report(world.cast, "ClarificationAgent", {"question": "What is meant?"})
    assert counter(world.cast).blockers_open == 1
    page = browse(world.cast.bob).get(world.path("project"))
    world.act(
        world.cast.bob,
        "question_answer",
        {"answer": "This"},
        question_id=page.context["questions"][0].id,
    )
    assert counter(world.cast).blockers_open == 0
