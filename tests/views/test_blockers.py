"""Blockers on their page: clear, dismiss."""

from __future__ import annotations

from sessions_app.models import Blocker
from sessions_app.panels.blockers import MOST_SHOWN
from tests.doing import again, counter, every, report, the
from tests.views.conftest import World, both_doors, browse


@both_doors
def test_clearing_and_dismissing(world: World, door: str) -> None:
    for name, said, status in (
        ("blocker_clear", "Blocker cleared.", "cleared"),
        ("blocker_dismiss", "Blocker dismissed.", "dismissed"),
    ):
        blocker = world.blocker()
        page = world.act(world.cast.bob, name, door=door, blocker_id=blocker.id)
        assert said in page
        assert f'id="blocker-{blocker.id}"' not in page
        now = again(blocker)
        assert (now.status, now.ended_by_id, now.ended_how) == (status, world.cast.bob.id, "by hand")
    assert counter(world.cast).blockers_open == 0


def test_clearing_twice_is_once_and_the_other_verb_is_told(world: World) -> None:
    blocker = world.blocker()
    for _ in range(2):
        world.act(world.cast.bob, "blocker_clear", blocker_id=blocker.id)
    page = world.refuse(world.cast.ann, "blocker_dismiss", status=409, blocker_id=blocker.id)
    assert "This blocker was cleared meanwhile." in page


def test_a_cleared_one_comes_back_a_dismissed_one_does_not(world: World) -> None:
    cleared, dismissed = world.blocker(), world.blocker()
    world.act(world.cast.bob, "blocker_clear", blocker_id=cleared.id)
    world.act(world.cast.bob, "blocker_dismiss", blocker_id=dismissed.id)
    report(world.cast, "GapDetectionAgent", {"gaps": [cleared.text, dismissed.text]})
    assert [row.text for row in every(Blocker, world.cast, status="open")] == [cleared.text]


def test_one_that_follows_an_item_is_not_cleared_by_hand(world: World) -> None:
    """Its item says when it is gone; the page offers no button, and the address refuses."""
    lamp, wire = world.item(), world.item()
    browse(world.cast.bob).post(world.path("item_wait", item_id=lamp.id), {"blocking": wire.id})
    blocker = the(Blocker, world.cast)
    page = browse(world.cast.bob).get(world.path("project")).text
    for name in ("blocker_clear", "blocker_dismiss"):
        assert world.path(name, blocker_id=blocker.id) not in page
        world.refuse(world.cast.bob, name, status=422, blocker_id=blocker.id)
    world.act(world.cast.bob, "item_decide", item_id=wire.id)
    assert again(blocker).status == "cleared"


def test_a_page_of_its_own_lists_every_open_one(world: World) -> None:
    """Where the panel shows the most blocking ones; the verbs work from there as well."""
    count = MOST_SHOWN + 3
    report(world.cast, "GapDetectionAgent", {"gaps": [f"Gap number {n:02}" for n in range(count)]})
    browser = browse(world.cast.bob)
    panel = browser.get(world.path("project"))
    assert len(panel.context["blockers"]) == MOST_SHOWN
    assert panel.context["blockers_total"] == count
    assert world.path("blockers") in panel.text
    page = browser.get(world.path("blockers"))
    shown = page.context["blockers"]
    assert sorted(row.text for row in shown) == [f"Gap number {n:02}" for n in range(count)]
    for row in (shown[0], shown[-1]):
        assert world.path("blocker_clear", blocker_id=row.id) in page.text
    world.act(world.cast.bob, "blocker_clear", blocker_id=shown[0].id)
    assert len(browser.get(world.path("blockers")).context["blockers"]) == count - 1
