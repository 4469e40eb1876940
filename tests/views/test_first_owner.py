"""The one-time link of a fresh installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from sessions_app.first_owner import first_owner_link
from sessions_app.models import User
from sessions_app.services import people
from tests import factories
from tests.views.conftest import browse

FORM = {"display_name": "Olga", "email": "Olga@example.org", "password": factories.PASSWORD}


@pytest.fixture
def link(database: None) -> str:
    """The link's path, in an installation where nobody has an account."""
    return first_owner_link().removeprefix(settings.BASE_URL)


def test_the_link_makes_the_first_owner_and_dies(link: str) -> None:
    browser = browse()
    assert "Make the first account" in browser.get(link).text
    assert browser.post(link, FORM, follow=True).redirect_chain == [("/", 302)]
    olga = User.objects.get()
    assert (olga.email, olga.display_name, olga.is_staff) == ("olga@example.org", "Olga", True)
    assert browser.get("/").context["me"] == olga
    for again in (browser, browse()):
        assert again.get(link).status_code == 404
        assert again.post(link, FORM | {"email": "second@example.org"}).status_code == 404
    assert User.objects.count() == 1


def test_every_server_with_the_key_has_the_same_link_and_no_other(
    link: str, settings: Any, tmp_path: Path
) -> None:
    """Its data folder may be its own, and need not be there."""
    settings.DATA_DIR = tmp_path / "elsewhere"
    assert first_owner_link() == settings.BASE_URL + link
    assert browse().get(link).status_code == 200
    assert not settings.DATA_DIR.exists()
    settings.SECRET_KEY = "another" * 10
    assert browse().get(link).status_code == 404


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ({"display_name": " "}, "must not be empty"),
        ({"display_name": "x" * 81}, "must have at most 80"),
        ({"email": "nobody"}, "must be an e-mail address"),
        ({"email": f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'q' * 60}.{'w' * 60}.org"}, "email"),
        ({"password": "short"}, "too short"),
        ({"password": "password123"}, "too common"),
    ],
)
def test_a_form_that_does_not_fit_makes_nobody(link: str, typed: dict[str, str], rule: str) -> None:
    page = browse().post(link, FORM | typed)
    assert page.status_code == 422
    assert rule in page.text
    assert not User.objects.exists()
    assert factories.PASSWORD not in page.text


def test_of_two_at_once_one_is_told_that_the_other_was_faster(
    link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the making somebody else made the first account."""
    make = people.create_first_owner

    def slowly(**fields: str) -> User:
        factories.user("Faster")
        return make(**fields)

    monkeypatch.setattr(people, "create_first_owner", slowly)
    page = browse().post(link, FORM)
    assert page.status_code == 409
    assert "There is an account already" in page.text
    assert User.objects.get().display_name == "Faster"


@pytest.mark.parametrize("secret", ["x", "%20", "é", "x" * 3000])
def test_no_guessed_secret_opens_it(link: str, secret: str) -> None:
    assert browse().get(f"/welcome/{secret}/").status_code == 404
