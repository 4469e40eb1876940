"""What an item waits for, and what it holds up: said, taken back, and listed however many there are."""

from __future__ import annotations

import html
import re
import uuid

import pytest

from sessions_app import clock
from sessions_app.models import ItemDependency
from sessions_app.panels import item_page
from sessions_app.views import long_lists
from tests.doing import NINE, every, the
from tests.views.conftest import HTMX, World, browse

MORE = re.compile(r'hx-get="([^"]+)"')
ROW = re.compile(r'<a class="grow"[^>]*>([^<]+)</a>')


def test_waiting_for_another_item_and_no_more(world: World) -> None:
    """Both verbs are on the item's page and lead back to it."""
    lamp, wire, bob = world.item("Lamp"), world.item("Wire"), world.cast.bob
    browser = browse(bob)
    path = world.path("item_wait", item_id=lamp.id)
    response = browser.post(path, {"blocking": wire.id})
    assert response.headers["Location"] == world.path("item", item_id=lamp.id)
    assert the(ItemDependency, world.cast).blocking_id == wire.id
    page = browser.get(response.headers["Location"]).text
    assert world.path("item_unwait", item_id=lamp.id) in page
    assert "Holds up" in browser.get(world.path("item", item_id=wire.id)).text
    browser.post(world.path("item_unwait", item_id=lamp.id), {"blocking": wire.id})
    assert every(ItemDependency, world.cast) == []
    assert browser.post(world.path("item_unwait", item_id=lamp.id), {"blocking": wire.id}).status_code == 302


def test_what_cannot_wait_is_refused(world: World) -> None:
    lamp, wire = world.item(), world.item()
    foreign = world.item(project=world.cast.other)
    bob, path = world.cast.bob, {"item_id": lamp.id}
    assert "must be another item" in world.refuse(
        bob, "item_wait", {"blocking": str(lamp.id)}, status=422, **path
    )
    for bad in ("", "x", "1", str(lamp.id)[:-1]):
        page = world.refuse(bob, "item_wait", {"blocking": bad}, status=422, **path)
        assert "must be an item of this project" in page
    for unknown in (foreign.id, uuid.uuid4()):
        world.refuse(bob, "item_wait", {"blocking": str(unknown)}, status=404, **path)
    browse(bob).post(world.path("item_wait", item_id=wire.id), {"blocking": lamp.id})
    page = world.refuse(bob, "item_wait", {"blocking": str(wire.id)}, status=422, **path)
    assert "would wait for each other" in page


def a_long_wait(world: World) -> tuple[uuid.UUID, list[uuid.UUID]]:
    """An item, and seven that it waits for; all said at one moment."""
    lamp, browser = world.item("Lamp"), browse(world.cast.bob)
    others = [world.item(f"Part {number}").id for number in range(7)]
    with clock.at(NINE):
        for other in others:
            browser.post(world.path("item_wait", item_id=lamp.id), {"blocking": other})
    return lamp.id, others


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_page, "ROWS_SHOWN", 2)
    monkeypatch.setattr(long_lists, "ROWS_A_PAGE", 3)


@pytest.mark.usefixtures("short_pages")
def test_a_long_list_comes_a_page_at_a_time(world: World) -> None:
    """Everything once, into the page or on the pages of the list; and what waits for one as well."""
    lamp, others = a_long_wait(world)
    with clock.at(NINE):
        for other in others[1:]:
            browse(world.cast.bob).post(world.path("item_wait", item_id=other), {"blocking": others[0]})
    browser = browse(world.cast.vera)
    for item_id, heading, title, count in (
        (lamp, "Waits for", "Lamp", 7),
        (others[0], "Holds up", "Part 0", 7),
    ):
        page = browser.get(world.path("item", item_id=item_id)).text
        section = page.partition(f"{heading} <span")[2].partition("</section>")[0]
        assert f'class="count">{count}</span>' in section
        here, found = section, ROW.findall(section)
        assert len(found) == 2
        while more := MORE.search(here):
            address = html.unescape(more[1])
            here = browser.get(address, headers=HTMX).text
            assert "<html" not in here
            whole = browser.get(address).text
            assert title in whole
            assert ROW.findall(whole) == ROW.findall(here)
            found += ROW.findall(here)
        assert len(found) == len(set(found)) == count


@pytest.mark.usefixtures("short_pages")
def test_the_verb_leads_back_to_the_page_of_the_list(world: World) -> None:
    lamp, others = a_long_wait(world)
    page, unwait = world.path("item_waits_for", item_id=lamp), world.path("item_unwait", item_id=lamp)
    for came_from, leads_to in (
        (f"{page}?after=x", f"{page}?after=x"),
        (world.path("item_waits_for", item_id=others[0]), world.path("item", item_id=lamp)),
    ):
        headers = {"referer": f"http://localhost{came_from}", "host": "localhost"}
        answer = browse(world.cast.bob).post(unwait, {"blocking": others[0]}, headers=headers)
        assert answer.headers["Location"] == leads_to


def test_what_it_waits_for_is_not_offered_again(world: World) -> None:
    lamp, others = a_long_wait(world)
    horn = world.item("Horn").id
    page = browse(world.cast.bob).get(world.path("item", item_id=lamp))
    assert [item.id for item in page.context["candidates"]] == [horn]
    assert page.context["waits_for"].total == len(others)


@pytest.mark.parametrize("name", ["item_waits_for", "item_holds_up"])
def test_a_cursor_that_is_none_is_refused(world: World, name: str) -> None:
    lamp, browser = world.item().id, browse(world.cast.bob)
    for cursor in ("x", "2026-03-02~", "2026-03-02T09:00:00+00:00~x"):
        assert browser.get(world.path(name, item_id=lamp), {"after": cursor}).status_code == 422
    beyond = f"2030-03-02T09:00:00+00:00~{lamp}"
    assert "nothing more" in browser.get(world.path(name, item_id=lamp), {"after": beyond}).text
    assert browser.get(world.path(name, item_id=uuid.uuid4())).status_code == 404
