"""Members in the settings: roles, removing, leaving, handing over; never zero owners."""

from __future__ import annotations

import uuid

import pytest

from sessions_app.models import Session
from tests.doing import every
from tests.views.conftest import World, browse


def test_the_settings_name_every_member_and_only_owners_may_change_them(world: World) -> None:
    bob = world.cast.bob
    for who in (world.cast.ann, bob, world.cast.vera):
        page = browse(who).get(world.path("project_settings")).text
        assert all(name in page for name in ("Ann", "Bob", "Vera"))
        assert (world.path("member_role", user_id=bob.id) in page) is (who == world.cast.ann)
        assert (world.path("invite") in page) is (who == world.cast.ann)
        assert (world.path("project_delete") in page) is (who == world.cast.ann)


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
def test_changing_a_role(world: World, role: str) -> None:
    page = world.act(world.cast.ann, "member_role", {"role": role}, user_id=world.cast.bob.id)
    assert "Role changed." in page
    assert world.role_of(world.cast.bob) == role


@pytest.mark.parametrize("role", ["", "admin", "OWNER", "owner "])
def test_a_role_that_is_none_is_refused(world: World, role: str) -> None:
    page = world.refuse(world.cast.ann, "member_role", {"role": role}, status=422, user_id=world.cast.bob.id)
    assert "Role must be one of owner, editor, viewer." in page


def test_the_only_owner_stays(world: World) -> None:
    """By no verb: not lowered, not removed, not left."""
    ann = world.cast.ann
    for name, body, ids in (
        ("member_role", {"role": "editor"}, {"user_id": ann.id}),
        ("member_remove", {}, {"user_id": ann.id}),
        ("project_leave", {}, {}),
    ):
        page = world.refuse(ann, name, body, status=422, **ids)
        assert "is the only owner: hand the project over first." in page
    assert "must be somebody else" in world.refuse(ann, "member_hand_over", status=422, user_id=ann.id)


def test_handing_over(world: World) -> None:
    """The other becomes owner and one is an editor: both or neither."""
    page = world.act(world.cast.ann, "member_hand_over", user_id=world.cast.vera.id)
    assert "Handed over. You are an editor now." in page
    assert (world.role_of(world.cast.vera), world.role_of(world.cast.ann)) == ("owner", "editor")
    world.refuse(world.cast.ann, "member_hand_over", status=403, user_id=world.cast.bob.id)


def test_removing_ends_the_session_at_once(world: World) -> None:
    bob = world.cast.bob
    browse(bob).get(world.path("project"))
    assert "Removed." in world.act(world.cast.ann, "member_remove", user_id=bob.id)
    assert world.role_of(bob) is None
    assert not any(session.is_active for session in every(Session, world.cast, user_id=bob.id))
    assert browse(bob).get(world.path("project")).status_code == 404
    world.refuse(world.cast.ann, "member_remove", status=404, user_id=bob.id)


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_leaving(world: World, who: str) -> None:
    person = getattr(world.cast, who)
    page = browse(person).post(world.path("project_leave"), follow=True)
    assert page.redirect_chain == [("/", 302)]
    assert "You left “Lighthouse”." in page.text
    assert page.context["projects"] == []
    assert world.role_of(person) is None


def test_nobody_who_is_no_member_can_be_changed(world: World) -> None:
    for stranger in (world.cast.zoe.id, uuid.uuid4()):
        for name in ("member_role", "member_remove", "member_hand_over"):
            world.refuse(world.cast.ann, name, {"role": "viewer"}, status=404, user_id=stranger)
