"""Reviews on the pages: contest a decision, say that it stands, answer what is asked of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from sessions_app.models import Question
from sessions_app.services.reviews import CONTEST_MAX_CHARACTERS
from tests.doing import again, the
from tests.views.conftest import World, both_doors, browse


@both_doors
def test_contesting_a_decision_and_confirming_it(world: World, door: str) -> None:
    item, bob = world.decided("Lamp"), world.cast.bob
    page = world.act(bob, "item_contest", {"reason": "Too <dear>"}, door=door, item_id=item.id)
    assert "Contested “Lamp”." in page
    assert "contests it: <bdi>Too &lt;dear&gt;</bdi>" in page
    assert "Bob contests the decision “Lamp”: Too &lt;dear&gt;. Does it stand?" in page
    assert (again(item).state, again(item).contested_by_id) == ("decided", bob.id)
    page = world.act(bob, "item_confirm", {"reason": "No"}, door=door, item_id=item.id)
    assert "“Lamp” stands." in page
    assert "contests it" not in page
    assert again(item).contested_at is None


def test_a_contest_is_asked_by_the_person_not_by_an_agent(world: World) -> None:
    world.act(world.cast.ann, "item_contest", {"reason": "No"}, item_id=world.decided().id)
    page = browse(world.cast.bob).get(world.path("questions")).text
    assert "ReviewAgent" not in page
    assert '<bdi class="truncate">Ann</bdi>' in page


@both_doors
def test_the_questions_buttons_do_what_they_say(world: World, door: str) -> None:
    item = world.decided("Lamp")
    world.act(world.cast.ann, "item_contest", {"reason": "No"}, item_id=item.id)
    question = the(Question, world.cast)
    world.act(world.cast.bob, "question_answer", {"answer": "Reopen it"}, door=door, question_id=question.id)
    assert again(item).state == "exploring"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"reason": " "}, "Reason must not be empty"),
        ({"reason": "x" * (CONTEST_MAX_CHARACTERS + 1)}, "Reason must have at most 1,000"),
    ],
)
def test_a_contest_that_says_nothing_or_too_much_is_refused(
    world: World, typed: dict[str, str], words: str
) -> None:
    page = world.refuse(world.cast.bob, "item_contest", typed, status=422, item_id=world.decided().id)
    assert words in page


def test_what_is_not_decided_has_no_review(world: World) -> None:
    item = world.item()
    for verb in ("item_contest", "item_confirm"):
        page = world.refuse(world.cast.bob, verb, {"reason": "No"}, status=409, item_id=item.id)
        assert "This item is exploring, not decided." in page


def test_the_next_look_at_a_decision_is_a_day(world: World) -> None:
    item, day = world.decided(), timezone.localdate() + dt.timedelta(days=10)
    typed = {"review_on": str(day)}
    world.act(world.cast.bob, "item_confirm", typed, item_id=item.id)
    assert again(item).review_at == dt.datetime(day.year, day.month, day.day, 8, tzinfo=dt.UTC)
    for bad in ("tomorrow", "2001-01-01"):
        page = world.refuse(world.cast.bob, "item_confirm", {"review_on": bad}, status=422, item_id=item.id)
        assert "Review" in page


@pytest.mark.parametrize("verb", ["contest", "confirm"])
def test_a_card_offers_what_fits_its_state(world: World, verb: str) -> None:
    """Contest what is decided; say that it stands where somebody contests it."""
    exploring, plain, contested = world.item(), world.decided(), world.decided()
    world.act(world.cast.ann, "item_contest", {"reason": "No"}, item_id=contested.id)
    page = browse(world.cast.bob).get(world.path("project")).text
    offered = {item.id: f'id="{verb}-{item.id}"' in page for item in (exploring, plain, contested)}
    assert offered == {exploring.id: False, plain.id: verb == "contest", contested.id: True}
