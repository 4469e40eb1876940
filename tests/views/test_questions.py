"""Questions on their page: answer, dismiss."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from sessions_app import clock
from sessions_app.models import Message
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from sessions_app.panels import questions as questions_panel
from sessions_app.services import items
from tests.doing import DAY, HOUR, NINE, again, counter, do, report, the
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
    question_id = page.context["questions"][0].id
    # On its own page, for of many the panel has the first ones only.
    assert f'href="{world.path("questions")}?at={question_id}#question-{question_id}">Answer it' in page.text
    world.act(
        world.cast.bob,
        "question_answer",
        {"answer": "This"},
        question_id=question_id,
    )
    assert counter(world.cast).blockers_open == 0


def test_offered_answers_are_a_group_named_by_the_question(world: World) -> None:
    """So a screen reader says what the buttons answer; free words stand beside them."""
    question = world.question("Which?", options=["Red", "Blue"])
    page = browse(world.cast.bob).get(world.path("project")).text
    assert f'role="group" aria-labelledby="question-{question.id}-text"' in page
    assert f'<textarea class="textarea" id="question-{question.id}-answer"' in page


@pytest.mark.parametrize(
    ("ahead", "words", "is_soon"),
    [
        (3 * DAY, "in 3 days", False),
        (DAY - HOUR / 60, "in 23 hours", True),
        (HOUR / 120, "in less than a minute", True),
        (dt.timedelta(0), "now", True),
    ],
)
def test_a_deadline_counts_down_by_the_servers_clock(
    world: World, ahead: dt.timedelta, words: str, is_soon: bool
) -> None:
    """With its date on hover; within a day it stands out; past it, it is open until the upkeep has run."""
    with clock.at(NINE - DAY):
        world.question("Now?", expiresAt=(NINE + 3 * DAY).isoformat())
    with clock.at(NINE + 3 * DAY - ahead):
        page = browse(world.cast.bob).get(world.path("project")).text
    found = re.search(r"closes <time datetime=\"([^\"]+)\" title=\"([^\"]+)\" ([^>]+)>([^<]+)</time>", page)
    assert found
    assert found[1] == "2026-03-05T09:00:00+00:00"
    assert found[2] == "5 Mar 2026, 09:00"
    assert found[3] == ("data-until data-soon" if is_soon else "data-until")
    assert found[4] == words


def test_a_question_says_how_far_its_answer_reaches(world: World) -> None:
    lamp, horn = world.item(), world.item()
    world.question("How bright?", blocks=[str(lamp.id), str(horn.id)])
    world.question("How loud?", blocks=[str(horn.id)])
    page = browse(world.cast.bob).get(world.path("project")).text
    assert "answering frees 1 item and helps 1 more" in page
    assert "answering helps 1 item" in page


def test_the_ended_ones_tell_how_and_by_whom(world: World) -> None:
    """Last first, a page at a time."""
    cast, item = world.cast, world.item()
    answered, dismissed = world.question("Answered?"), world.question("Dismissed?")
    world.question("Retired?", blocks=[str(item.id)])
    withdrawn = world.question("Withdrawn?")
    world.act(cast.bob, "question_answer", {"answer": "Quite so"}, question_id=answered.id)
    world.act(cast.ann, "question_dismiss", question_id=dismissed.id)
    report(cast, "QuestionerAgent", {"resolves": [str(withdrawn.id)]})
    do(cast, "bob", items.park_item, item.id)
    browser = browse(cast.vera)
    page = browser.get(world.path("questions"), {"state": "ended"})
    told = [(row.text, row.status, row.by, row.how) for row in page.context["ended"]]
    assert told == [
        ("Retired?", "expired", "", "nobody waits for it any more"),
        ("Withdrawn?", "withdrawn", "QuestionerAgent", ""),
        ("Dismissed?", "dismissed", "Ann", ""),
        ("Answered?", "answered", "Bob", ""),
    ]
    assert "Quite so" in page.text
    assert browser.get(world.path("questions"), {"state": "open"}).context["questions"] == []
    for query in ({"state": "all"}, {"state": "ended", "older": "yesterday"}):
        assert browser.get(world.path("questions"), query).status_code == 422


def test_older_ones_are_on_further_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions_panel, "ENDED_A_PAGE", 2)
    for number in range(5):
        question = world.question(f"Number {number}?")
        world.act(world.cast.bob, "question_dismiss", question_id=question.id)
    browser, told, older = browse(world.cast.bob), [], ""
    while True:
        page = browser.get(world.path("questions"), {"state": "ended", "older": older})
        told += [row.text for row in page.context["ended"]]
        if not (older := page.context["older"]):
            break
    assert told == [f"Number {number}?" for number in (4, 3, 2, 1, 0)]
