"""Reviews: contest a decision, confirm it, and the question that asks whether it stands."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.insights.activity_rules import REVIEW_AGENT
from sessions_app.models import Item, Message, Question
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services import analytics, items, questions, reviews
from sessions_app.services.errors import Conflict, NotFound
from tests.conftest import Cast
from tests.doing import (
    DAY,
    NINE,
    NOT_TEXT,
    add,
    again,
    at_once,
    counter,
    do,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
    report,
    the,
)


def test_a_contested_item_stays_decided_and_everybody_is_asked(cast: Cast) -> None:
    lamp = decided(cast, "Lamp")
    contested = do(cast, "ann", reviews.contest_item, lamp.id, reason=" Too dear ")
    assert (contested.state, contested.reason, contested.decided_version) == (
        "decided",
        "It is light",
        lamp.decided_version,
    )
    assert (contested.contested_by_id, contested.contest_reason) == (cast.ann.id, "Too dear")
    question = the(Question, cast)
    assert question.text == "Ann contests the decision “Lamp”: Too dear. Does it stand?"
    assert question.options == ["It stands", "Reopen it"]
    assert (question.agent_type, question.asked_by_id, question.blocks) == (REVIEW_AGENT, cast.ann.id, False)
    assert counter(cast).questions_open == 1
    told, asked = ledger(cast, lamp.version)
    assert (told.kind, told.data) == ("item.contested", {"title": "Lamp", "reason": "Too dear"})
    assert (asked.kind, asked.actor_id) == ("question.asked", cast.ann.id)
    assert asked.data == {"text": question.text, "items": [str(lamp.id)]}


def test_a_contested_decision_is_a_step_until_it_is_confirmed(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"))
    step = review_step(cast, lamp)
    assert (step["rule"], step["priority"], step["detail"]) == ("review", "medium", "Ann")
    do(cast, "bob", reviews.confirm_item, lamp.id)
    assert review_step(cast, lamp) is None


def test_the_question_reads_as_sentences_whatever_the_reason_ends_in(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"), reason="Who pays?")
    assert the(Question, cast).text.endswith("“Lamp”: Who pays? Does it stand?")
    contest(cast, lamp, reason="It is dear.")
    assert the(Question, cast, status="open").text.endswith("“Lamp”: It is dear. Does it stand?")


def test_the_longest_contest_fits_its_question(cast: Cast) -> None:
    lamp = decided(cast, "🗼" * TITLE_MAX_CHARACTERS)
    contest(cast, lamp, reason="é" * reviews.CONTEST_MAX_CHARACTERS)
    assert "é" * reviews.CONTEST_MAX_CHARACTERS in the(Question, cast).text


def test_the_same_contest_twice_is_one(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"), reason="Too dear")
    with nothing_changes():
        contest(cast, lamp, reason=" Too dear")


def test_two_contests_at_the_same_moment_leave_one_open_question(cast: Cast) -> None:
    lamp = decided(cast, "Lamp")
    at_once(*(lambda who=who: contest(cast, lamp, who, reason="No") for who in ("ann", "bob")))
    question = the(Question, cast, status="open")
    assert question.asked_by_id == again(lamp).contested_by_id


def test_a_later_contest_takes_the_place_of_the_first(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"), "ann", reason="Too dear")
    before = counter(cast).version
    contest(cast, lamp, "bob", reason="Too dear")
    assert again(lamp).contested_by_id == cast.bob.id
    first, second = the(Question, cast, status="expired"), the(Question, cast, status="open")
    assert (first.asked_by_id, first.ended_how) == (cast.ann.id, "it was contested again")
    assert second.asked_by_id == cast.bob.id
    assert sorted(kinds(cast, before)) == ["item.contested", "question.asked", "question.expired"]


def test_a_contest_says_why(cast: Cast) -> None:
    lamp = decided(cast, "Lamp")
    for reason in ("", " \n", "x" * (reviews.CONTEST_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused_field(do, cast, "ann", reviews.contest_item, lamp.id, reason=reason) == "reason"


@pytest.mark.parametrize("verb", [items.explore_item, items.park_item], ids=["exploring", "parked"])
def test_only_a_decision_is_reviewed(cast: Cast, verb: Callable[..., Item]) -> None:
    lamp = decided(cast, "Lamp")
    do(cast, "bob", verb, lamp.id)
    for review in (contest, confirm):
        with nothing_changes(), pytest.raises(Conflict, match="not decided"):
            review(cast, lamp)


def test_confirming_ends_the_contest_and_its_question(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"))
    before = counter(cast).version
    confirmed = confirm(cast, lamp, reason="We looked again")
    assert (confirmed.state, confirmed.reason) == ("decided", "It is light")
    assert_unflagged(confirmed)
    question = the(Question, cast)
    assert (question.status, question.ended_how, question.ended_by_id) == (
        "expired",
        "the decision was confirmed",
        None,
    )
    expired, told = ledger(cast, before)
    assert (expired.kind, expired.actor_kind) == ("question.expired", "system")
    assert expired.data == {"text": question.text, "how": "the decision was confirmed"}
    assert (told.kind, told.actor_id) == ("item.confirmed", cast.bob.id)
    assert told.data == {"title": "Lamp", "reason": "We looked again"}


def test_confirming_what_nothing_speaks_against_changes_nothing(cast: Cast) -> None:
    lamp = decided(cast, "Lamp")
    with nothing_changes():
        confirm(cast, lamp, reason="It is fine")
    contest(cast, lamp)
    confirm(cast, lamp)
    with nothing_changes():
        confirm(cast, lamp)


def test_a_confirmation_may_name_the_next_look(cast: Cast) -> None:
    lamp = decided(cast, "Lamp")
    with clock.at(NINE):
        assert confirm(cast, lamp, review_at=NINE + DAY).review_at == NINE + DAY
        with nothing_changes():
            confirm(cast, lamp, review_at=NINE + DAY)
        contest(cast, lamp)
        assert confirm(cast, lamp).review_at == NINE + DAY, "a day that has not come stays"
        assert refused_field(confirm, cast, lamp, review_at=NINE) == "review_at"


@pytest.mark.parametrize(
    ("verb", "how"),
    [
        (items.explore_item, "the item was reopened"),
        (items.park_item, "the item was parked"),
        (lambda *given: items.decide_item(*given, reason="Anew"), "it was decided anew"),
    ],
    ids=["explore", "park", "decide"],
)
def test_another_state_or_decision_ends_the_review(cast: Cast, verb: Callable[..., Item], how: str) -> None:
    lamp = contest(cast, decided(cast, "Lamp"))
    do(cast, "bob", verb, lamp.id)
    assert_unflagged(again(lamp))
    assert (the(Question, cast).status, the(Question, cast).ended_how) == ("expired", how)


def test_the_question_of_a_deleted_item_goes_too(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"))
    do(cast, "bob", items.delete_item, lamp.id)
    assert (the(Question, cast).status, the(Question, cast).ended_how) == ("expired", "the item was deleted")


def test_it_stands_when_the_answer_is_that(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"))
    before = counter(cast).version
    answer(cast, "It stands")
    assert_unflagged(again(lamp))
    assert again(lamp).state == "decided"
    assert the(Question, cast).status == "answered"
    assert sorted(kinds(cast, before)) == ["item.confirmed", "message.posted", "question.answered"]
    assert {row.actor_id for row in ledger(cast, before)} == {cast.bob.id}
    assert the(Message, cast).text == "It stands"


def test_it_is_reopened_when_the_answer_is_that(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"))
    before = counter(cast).version
    answer(cast, "Reopen it")
    now = again(lamp)
    assert (now.state, now.reason, now.state_by_id) == ("exploring", "Reopen it", cast.bob.id)
    assert_unflagged(now)
    assert sorted(kinds(cast, before)) == ["item.explored", "message.posted", "question.answered"]


@pytest.mark.parametrize("words", ["it stands", "It stands.", "Let us talk"])
def test_another_answer_is_only_said(cast: Cast, words: str) -> None:
    lamp = contest(cast, decided(cast, "Lamp"))
    answer(cast, words)
    assert again(lamp).contested_by_id == cast.ann.id
    assert kinds(cast)[-2:] == ["message.posted", "question.answered"]


def test_a_dismissed_question_leaves_the_contest(cast: Cast) -> None:
    lamp = contest(cast, decided(cast, "Lamp"))
    do(cast, "bob", questions.dismiss_question, the(Question, cast).id)
    assert again(lamp).contest_reason == "Too dear"
    assert review_step(cast, lamp) is not None


def test_an_agent_of_that_name_confirms_nothing(cast: Cast) -> None:
    """What it asks with the same options, in the same words even, is a question like any other."""
    lamp = contest(cast, decided(cast, "Lamp"))
    asked = {"question": the(Question, cast).text, "options": ["It stands"], "blocks": [str(lamp.id)]}
    report(cast, REVIEW_AGENT, {"questions": [asked]})
    theirs = the(Question, cast, asked_by=None)
    do(cast, "bob", questions.answer_question, theirs.id, answer="It stands")
    assert again(lamp).contested_by_id == cast.ann.id
    confirm(cast, lamp)
    assert again(theirs).status == "answered"


def test_a_contest_after_anothers_same_question(cast: Cast) -> None:
    lamp = decided(cast, "Lamp")
    words = "Ann contests the decision “Lamp”: Too dear. Does it stand?"
    report(cast, REVIEW_AGENT, {"questions": [{"question": words, "blocks": [str(lamp.id)]}]})
    contest(cast, lamp)
    assert the(Question, cast, asked_by=cast.ann.id).times_seen == 1


def test_what_is_not_here_is_not_found(cast: Cast) -> None:
    with acting_as(cast.zoe.id):
        theirs = items.add_item(cast.other.id, cast.actor("zoe"), title="Theirs")
    for item_id in (theirs.id, uuid.uuid4()):
        with nothing_changes(), pytest.raises(NotFound):
            do(cast, "bob", reviews.contest_item, item_id, reason="No")
        with nothing_changes(), pytest.raises(NotFound):
            do(cast, "bob", reviews.confirm_item, item_id)


def test_an_outsider_is_refused(cast: Cast) -> None:
    lamp = decided(cast, "Lamp")
    for review in (contest, confirm):
        with nothing_changes(), pytest.raises(DatabaseError):
            review(cast, lamp, "zoe")


def decided(cast: Cast, title: str) -> Item:
    (item,) = add(cast, title)
    return do(cast, "bob", items.decide_item, item.id, reason="It is light")


def contest(cast: Cast, item: Item, who: str = "ann", *, reason: str = "Too dear") -> Item:
    return do(cast, who, reviews.contest_item, item.id, reason=reason)


def confirm(
    cast: Cast, item: Item, who: str = "bob", *, reason: str = "", review_at: dt.datetime | None = None
) -> Item:
    return do(cast, who, reviews.confirm_item, item.id, reason=reason, review_at=review_at)


def answer(cast: Cast, words: str) -> None:
    do(cast, "bob", questions.answer_question, the(Question, cast).id, answer=words)


def review_step(cast: Cast, item: Item) -> dict[str, object] | None:
    """The step that asks Bob to review this item, if there is one."""
    with acting_as(cast.bob.id):
        steps = analytics.get_summary(cast.bob.id, cast.project.id)["suggestedNextSteps"]
    return next((step for step in steps if step["id"] == f"item:{item.id}:review"), None)


def assert_unflagged(item: Item) -> None:
    assert (item.contested_at, item.contested_by_id, item.contest_reason) == (None, None, "")
    assert (item.review_due_at, item.is_to_review) == (None, False)
