"""Invitations: by link or mail, shown once, used once, also without an account."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.core import mail

from sessions_app import clock
from sessions_app.models import Invitation, User
from tests import factories
from tests.doing import again, kinds, nothing_changes, the
from tests.views.conftest import World, browse


def link_on(page: str) -> str:
    """The invitation's link on the answer that shows it; returns its path."""
    found = re.search(rf'value="{settings.BASE_URL}(/invitations/[^"]+)"', page)
    assert found, page
    return found.group(1)


def invite(world: World, **body: str) -> str:
    """An invitation by Ann; returns its path."""
    return link_on(browse(world.cast.ann).post(world.path("invite"), {"role": "editor", **body}).text)


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
def test_the_link_lets_a_person_in_once(world: World, role: str) -> None:
    path, zoe = invite(world, role=role), world.cast.zoe
    seen = browse(zoe).get(path).text
    assert all(word in seen for word in ("Ann", "Lighthouse", role))
    response = browse(zoe).post(path)
    assert response.headers["Location"] == world.path("project")
    assert world.role_of(zoe) == role
    assert "member.joined" in kinds(world.cast)
    late = browse(factories.user("Late")).post(path)
    assert late.status_code == 409
    assert "This invitation was used, taken back, or is over." in late.text
    assert "This invitation is closed" in browse().get(path).text


def test_the_link_is_shown_once_and_not_stored(world: World) -> None:
    secret = invite(world).split("/")[-2]
    assert secret not in browse(world.cast.ann).get(world.path("project_settings")).text
    assert secret not in the(Invitation, world.cast).token_hash


def test_by_mail_it_reaches_somebody_without_an_account(world: World) -> None:
    """Who opens it is asked to make an account, comes back, and joins."""
    browse(world.cast.ann).post(
        world.path("invite"),
        {"role": "viewer", "email": " New@Example.org "},
        headers={"host": "localhost"},
    )
    [letter] = mail.outbox
    assert letter.to == ["new@example.org"]
    assert letter.subject == "Ann invites you to “Lighthouse”"
    found = re.search(r"http\S+", letter.body)
    assert found
    assert found.group().startswith(f"{settings.BASE_URL}/invitations/")
    path = found.group().removeprefix(settings.BASE_URL)
    stranger = browse()
    page = stranger.get(path).text
    sign_up = re.search(r'href="(/account/signup/\?next=[^"]+)"', page)
    assert sign_up
    form = {"display_name": "New", "email": "new@example.org", "password1": factories.PASSWORD}
    back = stranger.post(sign_up.group(1), form)
    assert back.headers["Location"] == path
    assert stranger.post(path).headers["Location"] == world.path("project")
    assert world.role_of(User.objects.get(email="new@example.org")) == "viewer"


def test_joining_wants_an_account(world: World) -> None:
    """Signed out, the button leads to sign-in and back; nobody joins by that."""
    path = invite(world)
    with nothing_changes():
        response = browse().post(path)
        assert response.headers["Location"] == f"/account/login/?next={path}"
        assert browse(htmx=True).post(path).status_code == 401
    assert again(the(Invitation, world.cast)).accepted_at is None


def test_a_member_who_opens_a_link_stays_what_they_are(world: World) -> None:
    path = invite(world, role="viewer")
    assert browse(world.cast.ann).post(path).status_code == 302
    assert world.role_of(world.cast.ann) == "owner"


def test_a_revoked_link_is_closed(world: World) -> None:
    path = invite(world)
    made = the(Invitation, world.cast)
    page = world.act(world.cast.ann, "invitation_revoke", invitation_id=made.id)
    assert "The invitation’s link no longer works." in page.replace("&#x27;", "’")
    assert "This invitation is closed" in browse(world.cast.zoe).get(path).text
    assert browse(world.cast.zoe).post(path).status_code == 409
    assert world.role_of(world.cast.zoe) is None
    world.refuse(world.cast.ann, "invitation_revoke", status=404, invitation_id=made.id)


def test_a_link_is_over_after_its_days(world: World) -> None:
    with clock.at(clock.now() - dt.timedelta(days=settings.INVITATION_DAYS, minutes=1)):
        path = invite(world)
    assert "This invitation is closed" in browse(world.cast.zoe).get(path).text
    assert browse(world.cast.zoe).post(path).status_code == 409


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"role": ""}, "Role must be one of"),
        ({"role": "admin"}, "Role must be one of"),
        ({"role": "viewer", "email": "nobody"}, "Email must be an e-mail address."),
        ({"role": "viewer", "email": "a@b.example, c@d.example"}, "Email must be an e-mail address."),
        ({"role": "viewer", "email": "a@b.example\nBcc: c@d.example"}, "Email must be an e-mail address."),
        ({"role": "viewer", "email": f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'q' * 60}.{'w' * 60}.org"}, "Email"),
    ],
)
def test_a_bad_invitation_is_refused(world: World, body: dict[str, str], rule: str) -> None:
    assert rule in world.refuse(world.cast.ann, "invite", body, status=422)
    assert mail.outbox == []


def test_a_project_title_makes_no_second_header(world: World) -> None:
    """A person's name and a title are in the subject: newlines in them stay out of the mail's head."""
    User.objects.filter(id=world.cast.ann.id).update(display_name="Ann\r\nBcc: x@example.org")
    browse(world.cast.ann).post(world.path("invite"), {"role": "viewer", "email": "new@example.org"})
    assert mail.outbox[0].subject == "Ann Bcc: x@example.org invites you to “Lighthouse”"


def test_no_guessed_link_leads_anywhere(world: World) -> None:
    invite(world)
    for token in ("x", "x" * 2000, "%F0%9F%8F%AE"):
        assert browse(world.cast.zoe).get(f"/invitations/{token}/").status_code == 404
        assert browse().get(f"/invitations/{token}/").status_code == 404
