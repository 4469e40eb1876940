"""Items on their pages: add, edit, decide, park, explore, delete, wait."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from sessions_app.db.rls import acting_as
from sessions_app.models import Item, User
from sessions_app.models.items import REASON_MAX_CHARACTERS, TEXT_MAX_CHARACTERS
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.panels.items import CARDS_A_PAGE
from sessions_app.services import items
from tests.doing import again, counter, every, ledger, nothing_changes, the
from tests.views.conftest import World, both_doors, browse, hidden_value


@both_doors
def test_adding_an_item(world: World, door: str) -> None:
    page = world.act(world.cast.bob, "item_add", {"title": "A <lamp>", "text": "Round"}, door=door)
    item = the(Item, world.cast)
    assert (item.title, item.text, item.created_by_id) == ("A <lamp>", "Round", world.cast.bob.id)
    assert "Added “A &lt;lamp&gt;”." in page
    assert f'id="item-{item.id}"' in page


def test_a_new_item_is_looked_at_where_it_stands(world: World) -> None:
    """Without JavaScript the page comes back at the new card."""
    response = browse(world.cast.bob).post(world.path("item_add"), {"title": "Lamp"})
    assert response.headers["Location"] == f"{world.path('project')}#item-{the(Item, world.cast).id}"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": " ", "text": "kept"}, "Title must not be empty"),
        ({"title": "x" * (TITLE_MAX_CHARACTERS + 1), "text": "kept"}, "Title must have at most 300"),
        ({"title": "kept", "text": "x" * (TEXT_MAX_CHARACTERS + 1)}, "Text must have at most 40,000"),
    ],
)
def test_an_item_that_does_not_fit_is_refused(world: World, typed: dict[str, str], field: str) -> None:
    assert field in world.refuse(world.cast.bob, "item_add", typed, status=422)


@both_doors
def test_deciding_parking_and_reopening(world: World, door: str) -> None:
    item, bob = world.item("Lamp"), world.cast.bob
    page = world.act(bob, "item_decide", {"reason": "It shines", "outcome": "ok"}, door=door, item_id=item.id)
    assert "Decided “Lamp”." in page
    now = again(item)
    assert (now.state, now.reason, now.outcome, now.state_by_id) == ("decided", "It shines", "ok", bob.id)
    page = world.act(bob, "item_park", {"reason": "Later"}, door=door, item_id=item.id)
    assert "Parked “Lamp”." in page
    assert (again(item).state, again(item).outcome, again(item).wake_at) == ("parked", "", None)
    page = world.act(bob, "item_explore", {"reason": "Now"}, door=door, item_id=item.id)
    assert "“Lamp” is open again." in page
    assert (again(item).state, again(item).reason) == ("exploring", "Now")


@pytest.mark.parametrize("verb", ["item_decide", "item_park", "item_explore"])
def test_a_reason_that_is_too_long_is_refused(world: World, verb: str) -> None:
    typed = {"reason": "x" * (REASON_MAX_CHARACTERS + 1)}
    item = world.item()
    assert "Reason must have at most 2,000" in world.refuse(
        world.cast.bob, verb, typed, status=422, item_id=item.id
    )


def test_deciding_twice_the_same_is_once(world: World) -> None:
    """A double click leaves one decision in the ledger."""
    item = world.item()
    for _ in range(2):
        world.act(world.cast.bob, "item_decide", {"reason": "So"}, item_id=item.id)
    assert [row.kind for row in ledger(world.cast)].count("item.decided") == 1


def test_a_parked_item_wakes_in_the_morning_of_ones_own_zone(world: World) -> None:
    """The date is the person's own: eight in the morning in Tokyo is the evening before in UTC."""
    item, day = world.item(), timezone.localdate() + dt.timedelta(days=10)
    User.objects.filter(id=world.cast.bob.id).update(time_zone="Asia/Tokyo")
    world.act(world.cast.bob, "item_park", {"wake_on": f" {day} "}, item_id=item.id)
    eve = day - dt.timedelta(days=1)
    assert again(item).wake_at == dt.datetime(eve.year, eve.month, eve.day, 23, tzinfo=dt.UTC)


@both_doors
def test_deleting_an_item(world: World, door: str) -> None:
    item = world.item("Unwanted lamp")
    page = world.act(world.cast.bob, "item_delete", door=door, item_id=item.id)
    assert "Deleted." in page
    assert every(Item, world.cast) == []
    assert counter(world.cast).exploring == 0
    assert (
        "This item is not there any more."
        in browse(world.cast.bob).post(world.path("item_delete", item_id=item.id)).text
    )


def test_editing_an_item(world: World) -> None:
    """The form holds what is there, saving goes back to the card."""
    item, browser = world.item("Lamp"), browse(world.cast.bob)
    form = browser.get(world.path("item_edit", item_id=item.id))
    assert "Lamp" in form.text
    assert hidden_value(form.text, "version") == str(item.version)
    typed = {"title": "Lantern", "text": "Red", "version": str(item.version)}
    page = world.act(world.cast.bob, "item_edit", typed, item_id=item.id)
    assert "Saved “Lantern”." in page
    assert (again(item).title, again(item).text) == ("Lantern", "Red")


def test_an_edit_that_does_not_fit_keeps_what_was_typed(world: World) -> None:
    item = world.item()
    typed = {"title": "", "text": "A long day's work & more", "version": str(item.version)}
    page = world.refuse(world.cast.bob, "item_edit", typed, status=422, item_id=item.id)
    assert "must not be empty" in page
    assert 'aria-invalid="true"' in page
    for version in ("", "-1", "1.5", "x", "9" * 19, "٣", "1e3"):
        typed = {"title": "T", "text": "t", "version": version}
        page = world.refuse(world.cast.bob, "item_edit", typed, status=422, item_id=item.id)
        assert "Version must be the version" in page


def test_a_stale_edit_shows_both_texts_and_may_be_saved_over(world: World) -> None:
    """Ann saves while Bob types: his form comes back beside hers; saving it again is his decision."""
    item = world.item("Lamp")
    theirs = {"title": "Ann's lamp", "text": "Ann's <text>", "version": str(item.version)}
    world.act(world.cast.ann, "item_edit", theirs, item_id=item.id)
    mine = {"title": "Bob's lamp", "text": "Bob's text", "version": str(item.version)}
    page = world.refuse(world.cast.bob, "item_edit", mine, status=409, item_id=item.id)
    for text in ("Ann&#x27;s lamp", "Ann&#x27;s &lt;text&gt;", "Bob&#x27;s lamp", "Bob&#x27;s text"):
        assert text in page
    assert "<bdi>Ann</bdi>" in page
    now = again(item)
    assert hidden_value(page, "version") == str(now.version)
    world.act(world.cast.bob, "item_edit", mine | {"version": str(now.version)}, item_id=item.id)
    assert (again(item).title, again(item).text) == ("Bob's lamp", "Bob's text")


def test_a_stale_edit_to_the_same_text_is_no_conflict(world: World) -> None:
    item = world.item()
    same = {"title": "Same", "text": "", "version": str(item.version)}
    for who in (world.cast.ann, world.cast.bob):
        world.act(who, "item_edit", same, item_id=item.id)
    assert [row.kind for row in ledger(world.cast)].count("item.edited") == 1


def test_the_pages_of_editing_are_not_a_viewers(world: World) -> None:
    item, message = world.item(), world.message(by=world.cast.bob)
    browser = browse(world.cast.vera)
    for path in (
        world.path("item_edit", item_id=item.id),
        world.path("message_edit", message_id=message.id),
    ):
        response = browser.get(path)
        assert response.status_code == 403
        assert "Error 403" in response.text


def test_ones_own_act_is_not_news_to_oneself(world: World) -> None:
    """Every verb brings the session to the version it made, also those that lead to other pages."""
    lamp, wire, ann = world.item(), world.item(), world.cast.ann
    browser = browse(ann)
    browser.get(world.path("project"))
    for name, body in (("item_wait", {"blocking": wire.id}), ("project_rename", {"title": "Beacon"})):
        ids = {"item_id": lamp.id} if name == "item_wait" else {}
        assert browser.post(world.path(name, **ids), body).status_code == 302
        with acting_as(ann.id):
            assert ann.sessions.get().end_version == counter(world.cast).version, name


def test_an_items_page_tells_its_whole_story(world: World) -> None:
    item, bob = world.item("Lamp"), world.cast.bob
    world.act(bob, "item_decide", {"reason": "First reason"}, item_id=item.id)
    world.act(bob, "item_explore", {"reason": "Second thoughts"}, item_id=item.id)
    page = browse(world.cast.vera).get(world.path("item", item_id=item.id)).text
    for told in ("Lamp", "First reason", "Second thoughts", "decided", "reopened", "Bob"):
        assert told in page


def test_a_column_is_read_a_page_at_a_time(world: World) -> None:
    """Every item is on exactly one page, by HTMX and by plain links alike."""
    count = CARDS_A_PAGE + 3
    made = {str(world.item().id) for _ in range(count)}
    for htmx in (False, True):
        browser, seen, query = browse(world.cast.vera, htmx=htmx), [], {"state": "exploring"}
        while query is not None:
            page = browser.get(world.path("item_column"), query)
            assert ("<html" in page.text) is not htmx
            column = page.context["column"]
            seen += [str(item.id) for item in column.items]
            query = {"state": "exploring", "after": column.next} if column.next else None
        assert sorted(seen) == sorted(made)


def test_the_list_behind_the_first_count(world: World) -> None:
    """Each part of the split lists what it counts."""
    ann, bob = world.cast.ann, world.cast.bob
    before, inside, away, now = (world.item(title) for title in ("Before", "Inside", "Away", "Now"))
    with acting_as(bob.id):
        items.decide_item(world.cast.project.id, world.cast.actor("bob"), before.id)
    world.act(ann, "item_decide", item_id=inside.id)
    browse(ann).post(world.path("session_end"))
    world.act(bob, "item_decide", item_id=away.id)
    world.act(ann, "item_decide", item_id=now.id)
    browser = browse(ann)
    for span, titles in (
        ("all", ["Now", "Away", "Inside"]),
        ("last", ["Inside"]),
        ("away", ["Away"]),
        ("now", ["Now"]),
    ):
        page = browser.get(world.path("project_decided"), {"span": span})
        assert [item.title for item in page.context["items"]] == titles, span
        assert page.context["summary"].decided == 3


def test_an_archived_project_takes_no_verb(world: World) -> None:
    """409 with what to do about it; what was typed is not lost."""
    item, bob = world.item(), world.cast.bob
    world.act(world.cast.ann, "project_archive")
    for name, ids in (
        ("item_add", {}),
        ("item_edit", {"item_id": item.id}),
        ("item_decide", {"item_id": item.id}),
        ("item_park", {"item_id": item.id}),
        ("item_explore", {"item_id": item.id}),
        ("item_delete", {"item_id": item.id}),
        ("message_post", {}),
    ):
        typed = {"title": "Typed title", "text": "Typed text", "reason": "Typed reason"}
        page = world.refuse(bob, name, typed, status=409, **ids)
        assert "This project is archived. Restore it in its settings first." in page
    with nothing_changes():
        assert browse(bob).get(world.path("project")).status_code == 200
