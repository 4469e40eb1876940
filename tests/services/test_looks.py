"""Decided without you: decisions of others, accepted one by one, by each for themselves."""

from __future__ import annotations

import uuid

import pytest

from sessions_app.db.rls import acting_as
from sessions_app.models import DecisionLook, Item
from sessions_app.panels import unseen
from sessions_app.services import items, looks, reviews, sessions
from sessions_app.services.errors import Conflict, NotFound
from tests.conftest import Cast
from tests.doing import add, again, by_agent, counter, do, every, nothing_changes, seeing, the
from tests.panels.test_changes import visit


def test_what_others_decided_since_the_last_session_began(cast: Cast) -> None:
    """Agents too; one's own decisions, older ones and what is reopened are not among them."""
    old, mine, lamp, tower, horn = add(cast, "Old", "Mine", "Lamp", "Tower", "Horn")
    do(cast, "bob", items.decide_item, old.id)
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
    do(cast, "ann", items.decide_item, mine.id)
    do(cast, "bob", items.decide_item, lamp.id, reason="Light", outcome="accepted")
    with acting_as(cast.ann.id):
        sessions.end_session(cast.ann.id, cast.project.id)
    by_agent(cast, "VerificationAgent", items.decide_item, tower.id)
    do(cast, "bob", items.decide_item, horn.id)
    do(cast, "bob", items.explore_item, horn.id)
    with seeing(cast) as view:
        shown = unseen.context(view)["unseen"]
    assert [(row.title, row.by, row.by_agent) for row in shown] == [
        ("Tower", "VerificationAgent", True),
        ("Lamp", "Bob", False),
    ]
    assert (shown[1].reason, shown[1].outcome) == ("Light", "accepted")


def test_a_first_visit_has_none(cast: Cast) -> None:
    decide(cast)
    assert titles(cast) == []


def test_an_accepted_one_is_gone_for_this_person_only(cast: Cast) -> None:
    visit(cast)
    lamp = decide(cast)
    before = counter(cast).version
    accept(cast, lamp)
    assert titles(cast) == []
    assert counter(cast).version == before, "nobody else's panel changed"
    accept(cast, lamp)
    assert the(DecisionLook, cast).decided_version == lamp.decided_version, "twice is once"


def test_decided_again_is_another_decision(cast: Cast) -> None:
    visit(cast)
    lamp = decide(cast)
    accept(cast, lamp)
    do(cast, "bob", items.decide_item, lamp.id, reason="On second thoughts")
    assert titles(cast) == ["Lamp"]
    with nothing_changes(), pytest.raises(Conflict):
        accept(cast, lamp)
    accept(cast, again(lamp))
    assert (titles(cast), len(every(DecisionLook, cast))) == ([], 1)


def test_what_is_decided_no_more_cannot_be_accepted(cast: Cast) -> None:
    visit(cast)
    lamp = decide(cast)
    do(cast, "bob", items.explore_item, lamp.id)
    with nothing_changes(), pytest.raises(Conflict):
        accept(cast, lamp)


def test_an_acceptance_is_taken_back(cast: Cast) -> None:
    visit(cast)
    lamp = decide(cast)
    accept(cast, lamp)
    for _ in range(2):
        with acting_as(cast.ann.id):
            looks.take_back(cast.ann.id, cast.project.id, lamp.id)
        assert titles(cast) == ["Lamp"]
    assert every(DecisionLook, cast) == []


def test_what_one_contests_is_handled_and_marked_for_others(cast: Cast) -> None:
    visit(cast)
    with acting_as(cast.vera.id):
        sessions.start_session(cast.vera.id, cast.project.id)
        sessions.end_session(cast.vera.id, cast.project.id)
    lamp = decide(cast)
    do(cast, "ann", reviews.contest_item, lamp.id, reason="Too bright")
    assert titles(cast) == []
    with seeing(cast, "vera") as view:
        assert [row.is_contested for row in unseen.context(view)["unseen"]] == [True]


def test_what_one_contested_stays_handled_whatever_others_say_of_it(cast: Cast) -> None:
    """Until it is decided anew, which is another decision."""
    visit(cast)
    lamp = decide(cast)
    do(cast, "ann", reviews.contest_item, lamp.id, reason="Too bright")
    do(cast, "bob", reviews.contest_item, lamp.id, reason="Too dear")
    assert titles(cast) == []
    do(cast, "bob", reviews.confirm_item, lamp.id)
    assert titles(cast) == []
    do(cast, "bob", items.decide_item, lamp.id, reason="On second thoughts")
    assert titles(cast) == ["Lamp"]


def test_the_panel_has_five_and_the_page_all_of_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as the number says, page by page."""
    monkeypatch.setattr(unseen, "DECISIONS_A_PAGE", 10)
    visit(cast)
    for number in range(23):
        decide(cast, f"Idea {number}")
    with seeing(cast) as view:
        panel = unseen.context(view)
        assert (len(panel["unseen"]), panel["unseen_total"]) == (5, 23)
        first = unseen.page_context(view, "")
        # The summary tells the first ones as the list does.
        assert first["unseen"][:5] == panel["unseen"]
        found, older = first["unseen"], first["older"]
        while older:
            page = unseen.page_context(view, older)
            found, older = found + page["unseen"], page["older"]
    assert len({row.id for row in found}) == len(found) == 23


def test_a_viewer_accepts_and_an_outsider_does_not(cast: Cast) -> None:
    lamp = decide(cast)
    accept(cast, lamp, "vera")
    with nothing_changes(), pytest.raises(NotFound):
        accept(cast, lamp, "zoe")
    with nothing_changes(), pytest.raises(NotFound), acting_as(cast.ann.id):
        looks.accept_decision(cast.ann.id, cast.project.id, uuid.uuid4(), 1)
    with nothing_changes(), pytest.raises(NotFound), acting_as(cast.ann.id):
        looks.take_back(cast.ann.id, cast.project.id, uuid.uuid4())


def decide(cast: Cast, title: str = "Lamp") -> Item:
    """A new item, decided by Bob."""
    (item,) = add(cast, title)
    do(cast, "bob", items.decide_item, item.id)
    decided: Item = again(item)
    return decided


def accept(cast: Cast, item: Item, who: str = "ann") -> None:
    user = getattr(cast, who)
    with acting_as(user.id):
        looks.accept_decision(user.id, cast.project.id, item.id, item.decided_version or 0)


def titles(cast: Cast) -> list[str]:
    with seeing(cast) as view:
        context = unseen.context(view)
    assert len(context["unseen"]) == context["unseen_total"]
    return [row.title for row in context["unseen"]]
