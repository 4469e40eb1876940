"""The page at the end of a session: a draft to change, leave or not; and who finds it."""

from __future__ import annotations

import uuid

import pytest

from sessions_app.models import HandOff, Session, User
from tests.doing import every, the
from tests.views.conftest import HTMX, World, browse, hidden_value


def come(world: World, who: User) -> str:
    """Open the project, and the page of leaving it."""
    browser = browse(who)
    browser.get(world.path("project"))
    page = browser.get(world.path("hand_off"))
    assert page.status_code == 200
    return page.text


def test_the_draft_says_what_happened_with_the_ledger_beside_it(world: World) -> None:
    bob = world.cast.bob
    browse(bob).get(world.path("project"))
    world.act(bob, "item_decide", {"reason": "Brighter"}, item_id=world.item("Lamp").id)
    page = come(world, bob)
    assert "Decided: Lamp (Brighter)." in page
    assert 'id="happened-title"' in page
    assert page.index("Decided: Lamp") < page.index('id="happened-title"')


def test_leaving_ends_the_session_and_others_find_the_note(world: World) -> None:
    ann, bob = world.cast.ann, world.cast.bob
    page = come(world, bob)
    form = {"session": hidden_value(page, "session"), "text": "The lens is <next>."}
    said = browse(bob).post(world.path("hand_off"), form, follow=True)
    assert said.redirect_chain == [("/", 302)]
    assert "Your note is left for whoever comes next." in said.text
    [session] = every(Session, world.cast, user_id=bob.id)
    assert not session.is_active
    assert the(HandOff, world.cast).session_id == session.id
    home = browse(ann).get(world.path("project")).text
    assert "left a note" in home
    assert "The lens is &lt;next&gt;." in home
    assert "The lens is" not in browse(bob).get(world.path("project")).text
    history = browse(bob).get(world.path("sessions")).text
    assert "The note left at its end" in history
    assert "The lens is &lt;next&gt;." in history


def test_by_htmx_it_goes_to_the_list(world: World) -> None:
    page = come(world, world.cast.bob)
    form = {"session": hidden_value(page, "session"), "text": "Bye"}
    response = browse(world.cast.bob).post(world.path("hand_off"), form, headers=HTMX)
    assert (response.status_code, response.headers["HX-Redirect"]) == (200, "/")


def test_an_empty_note_is_none_and_the_session_ends(world: World) -> None:
    come(world, world.cast.bob)
    browse(world.cast.bob).post(world.path("hand_off"), {"text": " \n "})
    assert every(HandOff, world.cast) == []
    assert not any(session.is_active for session in every(Session, world.cast))


def test_a_note_that_is_too_long_is_shown_again(world: World) -> None:
    session = hidden_value(come(world, world.cast.bob), "session")
    form = {"text": "long " * 1_000, "session": session}
    page = world.refuse(world.cast.bob, "hand_off", form, status=422)
    assert "must have at most 4,000 characters" in page
    assert all(session.is_active for session in every(Session, world.cast))


@pytest.mark.parametrize(("session", "status"), [("", 422), ("7", 422), (str(uuid.UUID(int=7)), 404)])
def test_a_session_that_is_not_ones_own_is_refused(world: World, session: str, status: int) -> None:
    come(world, world.cast.bob)
    world.refuse(world.cast.bob, "hand_off", {"text": "Hello", "session": session}, status=status)


def test_leaving_twice_by_the_back_button_shows_what_was_left(world: World) -> None:
    bob = world.cast.bob
    page = come(world, bob)
    form = {"session": hidden_value(page, "session"), "text": "First"}
    browse(bob).post(world.path("hand_off"), form)
    assert ">First</textarea>" in browse(bob).get(world.path("hand_off")).text
    browse(bob).post(world.path("hand_off"), form | {"text": "Second"})
    assert the(HandOff, world.cast).text == "Second"


def test_who_was_never_here_has_nothing_to_hand_off(world: World) -> None:
    page = browse(world.cast.bob).get(world.path("hand_off"))
    assert "You have not been here yet" in page.text
    assert "<textarea" not in page.text


def test_a_viewer_and_an_archived_project_end_without_a_note(world: World) -> None:
    vera, ann = world.cast.vera, world.cast.ann
    assert world.path("session_end") in browse(vera).get(world.path("project")).text
    assert world.path("hand_off") in browse(ann).get(world.path("project")).text
    browse(ann).post(world.path("project_archive"))
    assert world.path("hand_off") not in browse(ann).get(world.path("project")).text
    assert browse(ann).get(world.path("hand_off")).status_code == 409
    assert browse(ann).post(world.path("hand_off"), {"text": "Hello"}).status_code == 409
