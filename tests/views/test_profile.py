"""One's own profile: name, time zone, agents' parts hidden, the digest by mail."""

from __future__ import annotations

import pytest

from sessions_app.models import User
from sessions_app.services import agents
from tests.doing import again, as_system
from tests.views.conftest import World, browse

GOOD = {"display_name": "Ann", "time_zone": "UTC"}


def test_changing_ones_profile(world: World) -> None:
    browser = browse(world.cast.vera)
    typed = {"display_name": " Vera  <V> ", "time_zone": "Asia/Tokyo", "hides_agents": "on"}
    page = browser.post("/profile/", typed, follow=True)
    assert page.redirect_chain == [("/profile/", 302)]
    me = again(world.cast.vera)
    assert (me.display_name, me.time_zone, me.hides_agents) == ("Vera <V>", "Asia/Tokyo", True)
    assert "Vera &lt;V&gt;" in page.text
    browser.post("/profile/", GOOD)
    assert again(world.cast.vera).hides_agents is False


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ({"display_name": ""}, "must not be empty"),
        ({"display_name": "x" * 81}, "must have at most 80 characters"),
        ({"time_zone": ""}, "must be one of the list"),
        ({"time_zone": "Mars/Olympus"}, "must be one of the list"),
        ({"time_zone": "../../etc/passwd"}, "must be one of the list"),
        ({"digest": "hourly"}, "must be one of off, daily, weekly"),
    ],
)
def test_a_bad_profile_keeps_what_was_typed_and_stores_nothing(
    world: World, typed: dict[str, str], rule: str
) -> None:
    before = User.objects.filter(id=world.cast.vera.id).values().get()
    body = {"display_name": "Newly typed", "time_zone": "Asia/Tokyo", "hides_agents": "on"} | typed
    browser = browse(world.cast.vera)
    before = User.objects.filter(id=world.cast.vera.id).values().get()
    page = browser.post("/profile/", body)
    assert page.status_code == 422
    assert rule in page.text
    shown = page.context["me"]
    assert (shown.display_name, shown.time_zone) == (body["display_name"], body["time_zone"])
    assert shown.hides_agents
    assert f'value="{body["display_name"]}"' in page.text
    assert User.objects.filter(id=world.cast.vera.id).values().get() == before


def test_asking_for_a_digest(world: World) -> None:
    browser = browse(world.cast.vera)
    for choice in ("daily", "weekly", "off"):
        browser.post("/profile/", GOOD | {"digest": choice})
        assert again(world.cast.vera).digest == choice
        assert f'value="{choice}" selected' in browser.get("/profile/").text


def test_no_field_of_the_form_reaches_further(world: World) -> None:
    """What decides on rights is not taken from a form, whatever it sends along."""
    body = GOOD | {"is_staff": "on", "is_superuser": "on", "email": "x@example.org", "id": "1"}
    browse(world.cast.vera).post("/profile/", body)
    me = again(world.cast.vera)
    assert (me.is_staff, me.is_superuser, me.email) == (False, False, "vera@example.org")


def test_times_are_shown_in_ones_own_zone(world: World) -> None:
    message = world.message()
    for zone in ("Asia/Kolkata", "America/St_Johns"):
        User.objects.filter(id=world.cast.vera.id).update(time_zone=zone)
        page = browse(world.cast.vera).get(world.path("project")).text
        offset = {"Asia/Kolkata": "+05:30", "America/St_Johns": "-03:30"}[zone]
        assert f'id="message-{message.id}"' in page
        assert offset in page or "-02:30" in page


def test_hidden_agents_say_nothing(world: World) -> None:
    as_system(world.cast, agents.post_agent_message, "ChattyAgent", text="Beep")
    browser = browse(world.cast.vera)
    assert "Beep" in browser.get(world.path("project")).text
    browser.post("/profile/", GOOD | {"hides_agents": "on"})
    assert "Beep" not in browser.get(world.path("project")).text
