"""Decided without you: read, accepted, contested or reopened, from the panel and from its page."""

from __future__ import annotations

import re

import pytest

from sessions_app.models import DecisionLook, Item, Question
from sessions_app.panels import unseen
from sessions_app.services import items
from tests.doing import add, again, counter, do, every, nothing_changes, the
from tests.panels.test_changes import visit
from tests.views.conftest import World, both_doors, browse
from tests.views.test_changes import visit_of


def decided(world: World, title: str = "Lamp") -> Item:
    """A decision of Bob's that Ann and Vera were not there for."""
    visit(world.cast)
    visit_of(world, world.cast.vera)
    (item,) = add(world.cast, title)
    do(world.cast, "bob", items.decide_item, item.id, reason="It is light", outcome="accepted")
    made: Item = again(item)
    return made


@both_doors
def test_a_viewer_accepts_and_takes_it_back(world: World, door: str) -> None:
    vera, lamp = world.cast.vera, decided(world)
    before = counter(world.cast)
    body = {"decided_version": str(lamp.decided_version)}
    page = world.act(vera, "item_accept", body, door=door, item_id=lamp.id)
    assert "Accepted “Lamp”." in page
    assert f'id="unseen-{lamp.id}"' not in page
    page = world.act(vera, "item_accept_undo", door=door, item_id=lamp.id)
    assert f'id="unseen-{lamp.id}"' in page
    assert counter(world.cast).version == before.version
    assert f'id="unseen-{lamp.id}"' in browse(world.cast.ann).get(world.path("project")).text


def test_a_row_says_what_who_and_why(world: World) -> None:
    lamp = decided(world, "Lamp <b>")
    page = " ".join(browse(world.cast.ann).get(world.path("project")).text.split())
    row = re.search(rf'<li class="unseen" id="unseen-{lamp.id}".*?</li>', page)
    assert row
    for told in ("Lamp &lt;b&gt;", "Bob", "accepted", "It is light", world.path("item", item_id=lamp.id)):
        assert told in row.group(0)
    assert re.findall(r'data-key="(\w)"', row.group(0)) == ["a", "c", "r"]


def test_a_viewer_is_offered_to_accept_only(world: World) -> None:
    decided(world)
    page = browse(world.cast.vera).get(world.path("unseen")).text
    assert re.findall(r'data-key="(\w)"', page) == ["a"]


@both_doors
def test_contesting_asks_everybody(world: World, door: str) -> None:
    lamp = decided(world)
    page = world.act(world.cast.ann, "item_contest", {"reason": "Too bright"}, door=door, item_id=lamp.id)
    assert f'id="unseen-{lamp.id}"' not in page
    assert "Too bright" in the(Question, world.cast).text


@both_doors
def test_reopening_takes_it_up_again(world: World, door: str) -> None:
    lamp = decided(world)
    page = world.act(world.cast.ann, "item_explore", {"reason": "Wait"}, door=door, item_id=lamp.id)
    assert f'id="unseen-{lamp.id}"' not in page
    assert again(lamp).state == "exploring"


def test_decided_again_meanwhile_is_refused(world: World) -> None:
    lamp = decided(world)
    do(world.cast, "bob", items.decide_item, lamp.id, reason="Otherwise")
    body = {"decided_version": str(lamp.decided_version)}
    page = world.refuse(world.cast.vera, "item_accept", body, status=409, item_id=lamp.id)
    assert "decided again since you looked" in page
    assert every(DecisionLook, world.cast) == []


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 19])
def test_a_version_that_is_none_is_refused(world: World, version: str) -> None:
    lamp = decided(world)
    body = {"decided_version": version}
    page = world.refuse(world.cast.vera, "item_accept", body, status=422, item_id=lamp.id)
    assert "Decided version must be the version the form came with." in page


def test_the_page_holds_as_many_as_the_panel_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unseen, "DECISIONS_A_PAGE", 10)
    for number in range(23):
        decided(world, f"Idea {number}") if number == 0 else _decide(world, f"Idea {number}")
    browser = browse(world.cast.ann)
    panel = browser.get(world.path("project")).text
    assert "See all 23" in panel
    assert len(re.findall(r'<li class="unseen"', panel)) == 5
    found, query = [], {}
    while query is not None:
        page = browser.get(world.path("unseen"), query)
        found += re.findall(r'id="unseen-([\w-]+)"', page.text)
        query = {"older": page.context["older"]} if page.context["older"] else None
    assert len(found) == len(set(found)) == 23


@pytest.mark.parametrize("older", ["x", "1:1", "1:", ":"])
def test_a_bad_place_is_named(world: World, older: str) -> None:
    browser = browse(world.cast.ann)
    browser.get(world.path("project"))
    with nothing_changes():
        response = browser.get(world.path("unseen"), {"older": older})
    assert response.status_code == 422
    assert "Older must be" in response.text


def _decide(world: World, title: str) -> None:
    (item,) = add(world.cast, title)
    do(world.cast, "bob", items.decide_item, item.id)
