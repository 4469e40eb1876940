"""Accounts: sign-up, sign-in, sign-out, password reset."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core import mail

from sessions_app.models import User
from sessions_app.services import limits
from tests import factories
from tests.conftest import Cast
from tests.doing import again
from tests.views.conftest import browse

SIGN_IN, SIGN_UP = "/account/login/", "/account/signup/"
FORM = {"display_name": " Nora  N ", "email": "Nora@Example.ORG", "password1": factories.PASSWORD}


def test_signing_up(cast: Cast) -> None:
    """The name is tidied, the e-mail kept in lower case, and one is signed in."""
    browser = browse()
    response = browser.post(SIGN_UP, FORM)
    assert response.headers["Location"] == "/"
    nora = User.objects.get(email="nora@example.org")
    assert (nora.display_name, nora.is_staff, nora.is_superuser) == ("Nora N", False, False)
    assert browser.get("/").context["me"] == nora


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"display_name": ""}, "display_name"),
        ({"display_name": "x" * 81}, "display_name"),
        ({"display_name": "\u200b\u2060"}, "display_name"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": f"{'x' * 250}@example.org"}, "email"),
        ({"password1": "short"}, "password1"),
        ({"password1": "password123"}, "password1"),
    ],
)
def test_a_sign_up_that_does_not_fit_makes_nobody(cast: Cast, typed: dict[str, str], field: str) -> None:
    count = User.objects.count()
    page = browse().post(SIGN_UP, FORM | typed)
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {field}
    assert User.objects.count() == count


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/account/password/change/", {"oldpassword": "wrong", "password1": "a brand new secret"}),
        ("/account/password/reset/", {"email": "nobody"}),
        ("/account/reauthenticate/", {"password": "wrong"}),
    ],
)
def test_what_does_not_fit_is_refused_by_every_form(cast: Cast, path: str, typed: dict[str, str]) -> None:
    """The form is there again, with what is wrong."""
    page = browse(cast.ann).post(path, typed)
    assert (page.status_code, "<form" in page.text) == (422, True)
    assert page.context["form"].errors


def test_nobody_signs_up_twice(cast: Cast) -> None:
    """The e-mail is one person's, in whatever case it is written."""
    count = User.objects.count()
    page = browse().post(SIGN_UP, FORM | {"email": "ANN@example.org"})
    assert page.context["form"].errors.keys() == {"email"}
    assert User.objects.count() == count


@pytest.mark.parametrize("email", ["ann@example.org", "ANN@Example.Org", " ann@example.org "])
def test_signing_in_by_e_mail_in_any_case(cast: Cast, email: str) -> None:
    browser = browse()
    response = browser.post(SIGN_IN, {"login": email, "password": factories.PASSWORD})
    assert response.headers["Location"] == "/"
    assert browser.get("/").context["me"] == cast.ann


def test_a_wrong_password_and_an_unknown_address_look_alike(cast: Cast) -> None:
    pages = []
    for email, password in (("ann@example.org", "wrong"), ("nobody@example.org", factories.PASSWORD)):
        browser = browse()
        page = browser.post(SIGN_IN, {"login": email, "password": password})
        assert page.status_code == 422
        assert browser.get("/").status_code == 302
        pages.append(page.context["form"].errors)
        assert password not in page.text
        # What is to be typed again.
        assert re.findall(r'<input[^>]*name="(\w+)"[^>]*autofocus', page.text) == ["password"]
    assert pages[0] == pages[1] != {}


def test_a_deactivated_person_cannot_sign_in(cast: Cast) -> None:
    User.objects.filter(id=cast.ann.id).update(is_active=False)
    browser = browse()
    browser.post(SIGN_IN, {"login": "ann@example.org", "password": factories.PASSWORD})
    assert browser.get("/").status_code == 302


def test_guessing_is_slowed_down(cast: Cast) -> None:
    """After some wrong passwords the right one is not taken for a while, either."""
    browser = browse()
    for _ in range(11):
        page = browser.post(SIGN_IN, {"login": "ann@example.org", "password": "wrong"})
    page = browser.post(SIGN_IN, {"login": "ann@example.org", "password": factories.PASSWORD})
    assert page.status_code in (422, 429)
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("said", ["203.0.113.7", "not an address, 10.0.0.1"])
def test_whom_proxies_name_in_vain_is_counted_all_the_same(
    cast: Cast, settings: object, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Fewer names than there should be proxies, or none that is an address: whoever sent it is counted."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    counted = []
    monkeypatch.setattr(limits, "count", lambda what, **_most: counted.append(what))
    headers = {"X-Forwarded-For": said}
    page = browse().post(SIGN_IN, {"login": "ann@example.org", "password": "wrong"}, headers=headers)
    assert page.status_code == 422
    person = {"email": "ann@example.org", "password": factories.PASSWORD}
    answer = browse().post("/api/auth/token", person, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert "sign-in-from:127.0.0.1" in counted


def test_signing_out_is_a_post_and_ends_it(cast: Cast) -> None:
    browser = browse(cast.ann)
    browser.get("/account/logout/")
    assert browser.get("/").status_code == 200
    old = browser.cookies["sessionid"].value
    assert browser.post("/account/logout/").status_code == 302
    assert browser.get("/").status_code == 302
    browser.cookies["sessionid"] = old
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_reset_mail_leads_home_whatever_host_asked_for_it(cast: Cast, host: str) -> None:
    """And its link works once."""
    browser = browse()
    browser.post("/account/password/reset/", {"email": "Ann@example.org"}, headers={"host": host})
    [letter] = mail.outbox
    assert letter.to == ["ann@example.org"]
    links = re.findall(r"https?://\S+", letter.body)
    assert links
    assert all(link.startswith(f"{settings.BASE_URL}/account/password/reset/key/") for link in links)
    form = browser.get(links[0].removeprefix(settings.BASE_URL), follow=True)
    set_at = form.request["PATH_INFO"]
    new = {"password1": "a brand new secret", "password2": "a brand new secret"}
    assert browser.post(set_at, new).status_code == 302
    assert again(cast.ann).check_password("a brand new secret")
    late = browse().get(links[0].removeprefix(settings.BASE_URL), follow=True)
    assert 'type="password"' not in late.text


def test_a_foreign_host_is_refused(cast: Cast) -> None:
    response = browse().post(
        "/account/password/reset/", {"email": "ann@example.org"}, headers={"host": "evil.example"}
    )
    assert response.status_code == 400
    assert mail.outbox == []


def test_a_reset_for_nobody_looks_the_same(cast: Cast) -> None:
    known = browse().post("/account/password/reset/", {"email": "ann@example.org"})
    unknown = browse().post("/account/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


def test_changing_the_password_signs_every_browser_out(cast: Cast) -> None:
    here, there = browse(), browse()
    for browser in (here, there):
        browser.post(SIGN_IN, {"login": "ann@example.org", "password": factories.PASSWORD})
    secret = "a brand new secret"
    new = {"oldpassword": factories.PASSWORD, "password1": secret, "password2": secret}
    assert here.post("/account/password/change/", new).status_code == 302
    assert again(cast.ann).check_password(secret)
    assert there.get("/").status_code == 302


@pytest.mark.parametrize(
    "path",
    [SIGN_IN, SIGN_UP, "/account/password/reset/", "/account/password/reset/done/", "/account/logout/"],
)
def test_the_public_pages_are_there_for_everybody(cast: Cast, path: str) -> None:
    assert browse().get(path).status_code in (200, 302)
    assert browse(cast.ann).get(path).status_code in (200, 302)


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/",
        "//evil.example/",
        "http://localhost/",
        "http://127.0.0.1:81/",
        "/\\evil.example",
    ],
)
def test_a_sign_in_leads_to_our_own_address_only(cast: Cast, there: str) -> None:
    """To no other port or name of this machine either, whichever of them are asked by."""
    form = {"login": cast.ann.email, "password": factories.PASSWORD, "next": there}
    assert browse().post(SIGN_IN, form).headers["Location"] == "/"
    home = {**form, "next": f"{settings.BASE_URL}/profile/"}
    assert browse().post(SIGN_IN, home).headers["Location"] == home["next"]
