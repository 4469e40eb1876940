"""The link in a digest: it asks before it acts, works without a sign-in, and does one thing only."""

from __future__ import annotations

import pytest
from django.core import signing

from config.logs import masked
from sessions_app.models import User
from sessions_app.services import digests
from tests.conftest import Cast
from tests.doing import again
from tests.views.conftest import browse


def path_of(person: User) -> str:
    User.objects.filter(id=person.id).update(digest="daily")
    return "/unsubscribe/" + digests.unsubscribe_url(person).rpartition("/unsubscribe/")[2]


def test_looking_changes_nothing_and_the_button_ends_them(cast: Cast) -> None:
    """Mail scanners open every link."""
    path, browser = path_of(cast.ann), browse()
    for _ in range(2):
        page = browser.get(path)
        assert page.status_code == 200
        assert "ann@example.org" in page.text
        assert "Stop the digests" in page.text
    assert again(cast.ann).digest == "daily"
    page = browser.post(path)
    assert "No more digests" in page.text
    assert 'method="post"' not in page.text
    assert again(cast.ann).digest == "off"
    assert browser.post(path).status_code == 200, "twice is fine"


def test_it_changes_nothing_but_this_persons_digest(cast: Cast) -> None:
    path = path_of(cast.ann)
    User.objects.filter(id=cast.bob.id).update(digest="weekly")
    browser = browse(cast.bob, enforce_csrf_checks=True)
    before = {row["id"]: row for row in User.objects.values()}
    body = {"digest": "weekly", "display_name": "Eve", "is_staff": "on", "user_id": str(cast.bob.id)}
    browser.post(path, body)
    before[cast.ann.id]["digest"] = "off"
    assert {row["id"]: row for row in User.objects.values()} == before


@pytest.mark.parametrize("bad", ["x", "~", "a~b", "%00", "%E2%82%AC~x", "x" * 5_000])
def test_a_token_that_is_none_is_a_404(cast: Cast, bad: str) -> None:
    for method in ("get", "post"):
        assert getattr(browse(), method)(f"/unsubscribe/{bad}/").status_code in (400, 404)


def test_a_token_for_something_else_or_somebody_else_is_a_404(cast: Cast, settings) -> None:
    path = path_of(cast.ann)
    token = path.split("/")[2]
    forged = token.replace(str(cast.ann.id), str(cast.bob.id))
    other = signing.Signer(salt="other", sep="~").sign(str(cast.ann.id))
    nobody = digests._SIGNER.sign("00000000-0000-4000-8000-000000000000")
    for bad in (forged, other, nobody, digests._SIGNER.sign("7")):
        assert browse().post(f"/unsubscribe/{bad}/").status_code == 404
    assert again(cast.ann).digest == "daily"


def test_the_link_is_masked_in_logs(cast: Cast) -> None:
    assert masked(f"GET {path_of(cast.ann)} 200") == "GET /unsubscribe/***/ 200"
