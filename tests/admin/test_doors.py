"""Passwords are typed on our own pages only, where guessing is slowed down; staff come back from there."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from sessions_app.models import Session
from tests import factories
from tests.admin.conftest import may_all, path
from tests.conftest import Cast
from tests.views.conftest import _no_old_rate_limits, browse  # noqa: F401

SIGN_IN, ADMIN_SIGN_IN = "/account/login/", "/admin/login/"


def led_to(browser: Client, address: str) -> tuple[str, str]:
    """Where an address of the admin leads in the end: the path, and where it goes on to after a sign-in."""
    answer = browser.get(address, follow=True)
    end = urlsplit(answer.redirect_chain[-1][0])
    return end.path, parse_qs(end.query).get("next", [""])[0]


def typed(user_email: str, password: str) -> dict[str, str]:
    # By the names of both forms.
    return {"login": user_email, "username": user_email, "password": password}


def test_staff_sign_in_on_our_page_and_come_back(cast: Cast) -> None:
    root, browser = may_all(), browse()
    assert led_to(browser, path(Session)) == (SIGN_IN, path(Session))
    assert led_to(browser, ADMIN_SIGN_IN) == (SIGN_IN, ADMIN_SIGN_IN)
    answer = browser.post(f"{SIGN_IN}?next={path(Session)}", typed(root.email, factories.PASSWORD))
    assert answer.headers["Location"] == path(Session)
    assert browser.get(path(Session)).status_code == 200
    assert browser.get(ADMIN_SIGN_IN).headers["Location"] == "/admin/"


def test_guessing_is_slowed_down_for_the_admin_too(cast: Cast) -> None:
    """After some wrong passwords the right one opens nothing, whichever form it is sent to."""
    root, browser = may_all(), browse()
    for password in (*["wrong"] * 11, factories.PASSWORD):
        for form in (SIGN_IN, ADMIN_SIGN_IN):
            browser.post(form, typed(root.email, password))
    assert browser.get("/admin/").status_code == 302
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("password", ["wrong", factories.PASSWORD])
def test_the_form_of_django_takes_no_password(password: str, cast: Cast, root: Client) -> None:
    """Nor of those who are signed in, who could guess somebody else's."""
    for browser in (browse(), root):
        assert browser.post(ADMIN_SIGN_IN, typed(cast.bob.email, password)).status_code == 405


def test_whoever_is_not_staff_is_told_so(cast: Cast) -> None:
    """Without a form that asks a member to be somebody else."""
    answer = browse(cast.ann).get("/admin/", follow=True)
    assert (answer.status_code, answer.redirect_chain) == (403, [(f"{ADMIN_SIGN_IN}?next=/admin/", 302)])
    assert 'type="password"' not in answer.text


def test_a_password_is_changed_on_our_page(cast: Cast, root: Client) -> None:
    assert root.get("/admin/password_change/").headers["Location"] == "/account/password/change/"
