"""What an item is to come back by, and what stands still: on cards, on the item's page, in the settings."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.models import Item
from sessions_app.services import idling, items, projects
from tests.doing import DAY, NINE, again, as_system, do
from tests.views.conftest import World, both_doors, browse


@both_doors
def test_parking_until_another_item_is_decided(world: World, door: str) -> None:
    item, other = world.item("Lamp"), world.item("Tower <1>")
    page = world.act(world.cast.bob, "item_park", {"wake_item": " tower <1> "}, door=door, item_id=item.id)
    assert again(item).wake_item_id == other.id
    assert "Wakes up when" in page
    assert "Tower &lt;1&gt;" in page
    page = world.act(world.cast.bob, "item_decide", door=door, item_id=other.id)
    assert "was decided: woke up" in page


@both_doors
def test_parking_for_so_many_visits(world: World, door: str) -> None:
    item = world.item("Lamp")
    page = world.act(world.cast.bob, "item_park", {"wake_sessions": " 1 "}, door=door, item_id=item.id)
    assert again(item).wake_sessions == 1
    assert "Wakes up after 1 visit" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"wake_sessions": "51"}, "Wake sessions must be from 1 to 50"),
        ({"wake_sessions": "two"}, "Wake sessions must be a whole number"),
        ({"wake_sessions": "٣"}, "Wake sessions must be a whole number"),
        ({"wake_item": "Nothing of the kind"}, "Wake item must be the title of an item"),
        ({"wake_item": "Lamp"}, "Wake item must be another item"),
        ({"wake_item": "Twin"}, "Wake item is the title of several items"),
        ({"wake_item": "Decided"}, "Wake item is decided already"),
        ({"wake_item": "Tower", "wake_sessions": "2"}, "Wake sessions cannot stand beside another"),
    ],
)
def test_a_wake_up_that_cannot_come_is_refused(world: World, typed: dict[str, str], words: str) -> None:
    item = world.item("Lamp")
    for title in ("Tower", "Twin", "Twin"):
        world.item(title)
    world.decided("Decided")
    assert words in world.refuse(world.cast.bob, "item_park", typed, status=422, item_id=item.id)


@both_doors
def test_deciding_with_all_that_is_worth_keeping(world: World, door: str) -> None:
    item, gas, day = world.item("Electric"), world.decided("Gas"), timezone.localdate() + dt.timedelta(days=9)
    typed = {
        "reason": "Bright",
        "alternatives": "A mirror\r\n\r\n Candles \r\n",
        "supersedes": "gas",
        "review_on": str(day),
    }
    world.act(world.cast.bob, "item_decide", typed, door=door, item_id=item.id)
    assert again(item).alternatives == ["A mirror", "Candles"]
    assert again(gas).superseded_by_id == item.id
    browser = browse(world.cast.bob)
    page = browser.get(world.path("item", item_id=item.id)).text
    for words in (
        "A mirror",
        "Candles",
        "Takes the place of",
        "To be looked at again on",
        "Instead of: A mirror",
    ):
        assert words in page, words
    page = browser.get(world.path("item", item_id=gas.id)).text
    assert "Superseded by" in page
    assert world.path("item", item_id=item.id) in page


@both_doors
def test_what_stands_still_is_called_out_and_can_be_kept(world: World, door: str) -> None:
    old, fresh = old_item(world, "Old", 20), world.item("Fresh")
    page = browse(world.cast.bob).get(world.path("project")).text
    assert page.count("Nothing moved for 20 days") == 1
    assert "keep/" in browse(world.cast.bob).get(world.path("item", item_id=old.id)).text
    assert "keep/" not in browse(world.cast.bob).get(world.path("item", item_id=fresh.id)).text
    assert "keep/" not in browse(world.cast.vera).get(world.path("project")).text
    page = world.act(world.cast.bob, "item_keep", door=door, item_id=old.id)
    assert "“Old” stays open." in page
    assert "Nothing moved" not in page


def test_a_warned_item_says_when_it_parks_itself(world: World) -> None:
    old = old_item(world, "Old", 40)
    do(world.cast, "ann", projects.set_idle_parking, days=30)
    as_system(world.cast, idling.warn_and_park, clock.now())
    day = timezone.localtime(again(old).idle_warned_at + 7 * DAY)
    for page in (world.path("project"), world.path("item", item_id=old.id)):
        text = browse(world.cast.bob).get(page).text
        assert "parks itself on" in text
        assert f">{day.day} {day:%B}</time>" in text


def test_the_owner_chooses_when_still_items_park(world: World) -> None:
    page = world.act(world.cast.ann, "project_idle", {"idle_park_days": "60"})
    assert '<option value="60" selected>after 60 days</option>' in page
    assert again(world.cast.project).idle_park_days == 60
    world.refuse(world.cast.ann, "project_idle", {"idle_park_days": "61"}, status=422)
    world.act(world.cast.ann, "project_idle", {"idle_park_days": ""})
    assert again(world.cast.project).idle_park_days is None


def test_the_history_tells_every_kind_in_words(world: World) -> None:
    """Edits, waits, wake-ups and appointments, each with what it was about."""
    cast, lamp, tower = world.cast, world.item("Lamp"), world.item("Tower")
    do(cast, "bob", items.edit_item, lamp.id, title="Lens", text="Round", version=lamp.version)
    world.act(cast.bob, "item_wait", {"blocking": str(tower.id)}, item_id=lamp.id)
    do(cast, "bob", items.park_item, lamp.id, reason="Later", wake_item_id=tower.id)
    do(cast, "bob", items.decide_item, tower.id)
    do(cast, "bob", items.park_item, lamp.id, wake_sessions=2)
    with clock.at(NINE):
        do(cast, "bob", items.decide_item, lamp.id, outcome="accepted", review_at=NINE + DAY)
    page = browse(cast.bob).get(world.path("item", item_id=lamp.id)).text
    for words in (
        "“Lamp” became “Lens”.",
        "The text was changed.",
        "For “Tower”.",
        "It wakes up when “Tower” is decided.",
        "“Tower” was decided.",
        "woke it up",
        "It wakes up after 2 visits.",
        "It came out as: accepted.",
        "To be looked at again on 3 March 2026.",
    ):
        assert words in page, words


def old_item(world: World, title: str, days: int) -> Item:
    """An item that nobody has moved for so many days."""
    with clock.at(clock.now() - days * DAY), acting_as_system([world.cast.project.id]):
        return items.add_item(world.cast.project.id, world.cast.actor("ann"), title=title)
