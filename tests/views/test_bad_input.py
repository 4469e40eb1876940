"""Bad input at every page: a clear 4xx, nothing stored, never a 500."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.utils import timezone

from config.asgi import application
from sessions_app import problems
from sessions_app.db.rls import acting_as_admin
from sessions_app.models import Invitation, Item, Session, StepMark, User
from tests.bad_values import FORM, MULTIPART, NOT_TEXT, escaped, multipart
from tests.doing import again, nothing_changes, the
from tests.views.conftest import World, both_doors, browse
from tests.views.table import TABLE
from tests.views.test_access import address

ACCOUNT_FORMS = {
    "/account/login/": ("login", "password", "remember", "next"),
    "/account/signup/": ("display_name", "email", "password1", "next"),
    "/account/password/reset/": ("email",),
    "/account/password/change/": ("oldpassword", "password1", "password2"),
    "/admin/login/": ("username", "password", "next"),
}


@contextmanager
def nothing_stored() -> Iterator[None]:
    """Neither in a project nor beside it."""

    def beside() -> list[list[Any]]:
        with acting_as_admin():
            rows = [list(model.objects.order_by("pk").values()) for model in (Invitation, Session, StepMark)]
            return [*rows, list(User.objects.order_by("pk").values("email", "display_name", "time_zone"))]

    before = beside()
    with nothing_changes():
        yield
    assert beside() == before


@both_doors
def test_a_form_that_is_not_text_is_refused_in_words(world: World, door: str) -> None:
    """Case F01: as a page, and as a toast for HTMX; a field's name is no better place for it."""
    browser, path = browse(world.cast.bob, htmx=door == "htmx"), world.path("item_add")
    with nothing_stored():
        for body, kind in (
            (b"title=%00", FORM),
            (b"title=\xff", FORM),
            (b"a%00=1", FORM),
            (multipart("title", b"\x00"), MULTIPART),
        ):
            response = browser.post(path, body, content_type=kind)
            assert response.status_code == 400
            assert "The form holds bytes that are not text." in response.text
            assert door == "form" or 'id="toasts"' in response.text


def test_no_account_form_takes_what_is_not_text(crowd: World) -> None:
    """Case F01."""
    browsers = (browse(), browse(crowd.cast.ann))
    with nothing_stored():
        for path, fields in ACCOUNT_FORMS.items():
            for field in fields:
                for number, raw in enumerate(NOT_TEXT):
                    body = f"{field}={escaped(raw)}".encode()
                    response = browsers[number % 2].post(path, body, content_type=FORM)
                    assert response.status_code == 400, (path, field)


def test_no_query_takes_what_is_not_text(crowd: World) -> None:
    """Case F01, behind the ?."""
    ann = browse(crowd.cast.ann)
    paths = [address(crowd, name, crowd.cast.ann) for name, row in TABLE.items() if row.get]
    paths += ["/account/login/", "/account/signup/", "/admin/login/"]
    with nothing_stored():
        for path in paths:
            for parameter in ("state", "after", "before", "span", "older", "next", "unknown"):
                for raw in NOT_TEXT[:4]:
                    response = ann.get(f"{path}?{parameter}={escaped(raw)}")
                    assert response.status_code == 400, (path, parameter, raw)


def test_no_path_takes_what_is_not_text(crowd: World) -> None:
    """Case F01, in the address."""
    for browser in (browse(), browse(crowd.cast.ann)):
        for raw in NOT_TEXT:
            bad = escaped(raw)
            project = crowd.path("project")
            for path in (
                f"/{bad}",
                f"/projects/{bad}/",
                f"{project}panels/{bad}/",
                f"{project}items/{bad}/",
                f"/invitations/{bad}/",
                f"/welcome/{bad}/",
                f"/account/password/reset/key/{bad}/",
                f"/account/confirm-email/{bad}/",
                f"/admin/{bad}/",
                f"/static/{bad}",
            ):
                for method in (browser.get, browser.post):
                    assert 300 <= method(path).status_code < 500, path


@pytest.mark.parametrize(
    "cookie",
    [r'sessionid="abcdefghijklmnop\000"', r'sessionid="\377\303abcdef"', r'messages="\000"', "x" * 5000],
)
def test_a_cookie_is_input_too(cast: Any, cookie: str) -> None:
    """A quoted cookie may smuggle any byte in."""
    browser = browse(raise_request_exception=False)
    assert 300 <= browser.get("/", headers={"cookie": cookie}).status_code < 500


@pytest.mark.parametrize("bad", ["x", "0", "-1", str(2**63), "00000000000000000000000000000000", "%20"])
def test_what_is_no_uuid_leads_nowhere(world: World, bad: str) -> None:
    project = world.path("project")
    browser = browse(world.cast.ann)
    for path in (
        f"/projects/{bad}/",
        f"{project}items/{bad}/",
        f"{project}messages/{bad}/edit/",
        f"{project}questions/{bad}/answer/",
        f"{project}blockers/{bad}/clear/",
        f"{project}members/{bad}/role/",
        f"{project}invitations/{bad}/revoke/",
    ):
        assert browser.get(path).status_code == 404
        assert browser.post(path).status_code == 404


BAD_PLACES = {
    ("item_column", "state"): ("", "x", "EXPLORING", "exploring ", "exploring,parked"),
    ("item_column", "after"): (
        *("x", ":", "1", "1:", f":{uuid.UUID(int=1)}", f"-1:{uuid.UUID(int=1)}", "1:x"),
        *(f"{2**63}:{uuid.UUID(int=1)}", f"{'9' * 5000}:{uuid.UUID(int=1)}", f"1.5:{uuid.UUID(int=1)}"),
        *(f"٣:{uuid.UUID(int=1)}", f"1e3:{uuid.UUID(int=1)}", f"1:{uuid.UUID(int=1)}:1"),
    ),
    ("messages", "before"): ("x", "1", str(2**63), f"{uuid.UUID(int=1)}x"),
    ("project_decided", "span"): ("", "x", "ALL", "last ", "[]"),
    ("sessions", "older"): (
        *("x", "~", "1", str(2**63), "2026-01-01", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00~x"),
        *(f"2026-01-01T00:00:00~{uuid.UUID(int=1)}", f"0000-01-01T00:00:00+00:00~{uuid.UUID(int=1)}"),
        *(f"10000-01-01T00:00:00+00:00~{uuid.UUID(int=1)}", "2026-01-01T00:00:00+00:00~x"),
    ),
}
BAD_PLACES[("agents", "older")] = BAD_PLACES[("sessions", "older")]


@pytest.mark.parametrize(("name", "parameter"), BAD_PLACES)
def test_a_place_in_a_list_that_is_none_is_refused(world: World, name: str, parameter: str) -> None:
    """422, and the field by its name."""
    browser = browse(world.cast.ann)
    for bad in BAD_PLACES[name, parameter]:
        query = {parameter: bad} if parameter != "after" else {"state": "parked", "after": bad}
        response = browser.get(world.path(name), query)
        assert response.status_code == 422 or (bad == "" and response.status_code == 200), bad
        assert f"{parameter.capitalize()} must be" in response.text or response.status_code == 200


@pytest.mark.parametrize(
    "moment",
    [
        *("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59"),
        *("2026-01-01T00:00:00+23:59:59.999999", "2026-01-01T00:00:00.000001Z"),
    ],
)
def test_a_far_away_place_is_just_empty_or_the_start(world: World, moment: str) -> None:
    """Case F09: moments that PostgreSQL or Python cannot turn into each other's are no 500."""
    browser = browse(world.cast.ann)
    for name in ("sessions", "agents"):
        response = browser.get(world.path(name), {"older": f"{moment}~{uuid.UUID(int=1)}"})
        assert response.status_code in (200, 422)
    last = browser.get(
        world.path("item_column"), {"state": "parked", "after": f"{10**18 - 1}:{uuid.UUID(int=1)}"}
    )
    assert last.status_code == 200


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_a_wake_up_that_is_no_coming_day_is_refused(world: World, zone: str) -> None:
    item, bob = world.item(), world.cast.bob
    User.objects.filter(id=bob.id).update(time_zone=zone)
    yesterday = timezone.localdate() - dt.timedelta(days=2)
    browser = browse(bob)
    browser.get(world.path("project"))
    with nothing_changes():
        for day in (
            *("x", "0", "tomorrow", "2027-13-01", "2027-02-30", "0000-01-01", "0001-01-01", "9999-12-31"),
            *(
                "10000-01-01",
                "2027-01-01T00:00",
                "٢٠٢٧-٠١-٠١",
                "-2027-01-01",
                "2027-01-01 OR 1=1",
                str(yesterday),
            ),
        ):
            page = browser.post(world.path("item_park", item_id=item.id), {"wake_on": day, "reason": "Mine"})
            assert page.status_code == 422, day
            assert "Wake on must be" in page.text
            assert "Mine" in page.text


@pytest.mark.parametrize("fields", [settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1, 1001])
@both_doors
def test_too_many_fields_are_refused(world: World, door: str, fields: int) -> None:
    """Case F04."""
    browser = browse(world.cast.bob, htmx=door == "htmx")
    many = {f"field{number}": "x" for number in range(fields)} | {"title": "T", "text": "T"}
    with nothing_stored():
        for path in (world.path("item_add"), world.path("message_post"), "/account/login/"):
            assert browser.post(path, urlencode(many), content_type=FORM).status_code == 400
            assert browser.post(path, many).status_code == 400


@both_doors
def test_a_body_over_the_limit_is_refused(world: World, door: str) -> None:
    """Case F05: 413, for members and strangers alike, and the page tells why."""
    huge = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    with nothing_stored():
        for browser in (browse(world.cast.bob, htmx=door == "htmx"), browse(htmx=door == "htmx")):
            for path in (world.path("item_add"), world.path("message_post"), "/account/login/", "/profile/"):
                for response in (
                    browser.post(path, f"text={huge}", content_type=FORM),
                    browser.post(path, {"text": huge}),
                ):
                    assert response.status_code == 413, path
                    assert problems.TOO_LARGE in response.text


@pytest.mark.parametrize(
    ("content_type", "body", "statuses"),
    [
        ("application/json", b'{"title": "T", "text": "T"}', {422}),
        ("text/plain", b"title=T&text=T", {422}),
        ("", b"title=T&text=T", {422}),
        ("application/x-www-form-urlencoded; charset=latin-1", b"title=T%E9&text=T", {400}),
        ("application/x-www-form-urlencoded; charset=latin-1", b"title=T&text=T", {400}),
        ("application/x-www-form-urlencoded; charset=x", b"title=T&text=T", {302, 400}),
        ("multipart/form-data", b"title=T", {400}),
        ("multipart/form-data; boundary=", b"title=T", {400}),
        (MULTIPART, b"", {422}),
        (MULTIPART, multipart("title", b"T")[:-20], {302, 400, 422}),
        (FORM, b"", {422}),
        (FORM, b"&&&===;;", {422}),
        (FORM, b"title[]=T&text[]=T", {422}),
    ],
)
def test_another_kind_of_body_is_no_form(
    world: World, content_type: str, body: bytes, statuses: set[int]
) -> None:
    """Case F04."""
    browser = browse(world.cast.bob)
    for name in ("item_add", "message_post"):
        response = browser.generic("POST", world.path(name), body, content_type)
        assert response.status_code in statuses, response.text


def test_an_archived_project_takes_no_verb_but_its_own_ending(world: World) -> None:
    """409 for every verb that would change it, whoever asks."""
    cast = world.cast
    paths = {
        name: address(world, name, cast.ann) for name, row in TABLE.items() if row.in_project and row.post
    }
    body = TABLE["item_wait"].body(world, cast.ann)
    world.act(cast.ann, "project_archive")
    still = {"project_restore", "project_delete", "project_leave", "session_end"}
    still |= {"step_done", "step_snooze", "step_undo", "session_start", "activity"}
    still |= {"catch_up", "catch_up_undo", "item_accept", "item_accept_undo"}
    # Shutting somebody out is always possible.
    still |= {"member_remove", "invitation_revoke", "agent_token_revoke", "webhook_delete"}
    browser = browse(cast.ann)
    with nothing_stored():
        for name in paths.keys() - still:
            response = browser.post(paths[name], body | {"title": "T", "text": "T", "role": "viewer"})
            assert response.status_code == 409, name
    assert browser.post(paths["session_end"]).status_code == 302
    assert world.act(cast.ann, "project_restore")


@pytest.mark.parametrize(
    "text",
    [
        "\u202egnp.exe",
        "zero\u200bwidth\u200d\ufeff",
        "a" + "\u0300" * 250,
        "👩‍👩‍👧‍👦" * 40,
        "<script>alert(1)</script>",
        "{{ 7 * 7 }}{% debug %}",
        "'; drop table items; --",
        "%00 %FF \\u0000",
    ],
)
def test_odd_texts_are_kept_as_they_are_and_shown_as_text(world: World, text: str) -> None:
    """Case F10."""
    page = world.act(world.cast.bob, "item_add", {"title": text, "text": text})
    item = the(Item, world.cast)
    assert (item.title, item.text) == (text, text)
    assert "<script>alert" not in page
    assert "49{" not in page
    detail = browse(world.cast.vera).get(world.path("item", item_id=item.id)).text
    assert "<script>alert" not in detail
    world.act(world.cast.bob, "item_decide", {"reason": text}, item_id=item.id)
    assert again(item).reason == text


@pytest.mark.parametrize(("query", "status"), [(b"x=\xc3\xa9", 302), (b"x=\xff", 400), (b"x=%ff", 400)])
def test_a_query_of_other_bytes_is_read_like_one_that_is_escaped(query: bytes, status: int) -> None:
    """daphne lets none through; another server does."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": query,
        "headers": [(b"host", b"127.0.0.1:8000")],
    }

    async def ask() -> Any:
        server = ApplicationCommunicator(application, scope)
        await server.send_input({"type": "http.request", "body": b""})
        answer = await server.receive_output(timeout=5)
        await server.receive_output(timeout=5)
        await server.wait()
        return answer

    answer = asyncio.run(ask())
    assert answer["status"] == status
    assert b"Content-Security-Policy" in dict(answer["headers"])
