"""Who gets what: every route by every kind of caller, generated from the URL configuration."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, resolve, reverse

from sessions_app.db.rls import acting_as_system
from sessions_app.models import Invitation, Membership, User
from sessions_app.views.urls import urlpatterns
from tests import factories
from tests.conftest import Cast
from tests.doing import headers_of, nothing_changes
from tests.views.conftest import World, browse
from tests.views.table import CALLERS, RANK, SIGN_IN, TABLE, expected, nothing

# Routes that name one thing of a project beside the project itself.
NOT_A_THING = ("panel", "project_insights_csv")
NESTED = [
    name
    for name, row in TABLE.items()
    if row.in_project and row.ids is not nothing and name not in NOT_A_THING
]


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        else:
            assert pattern.name, f"{pattern} has no name, so nothing can test it"
            yield pattern.name


def test_the_table_holds_every_route_and_no_other() -> None:
    """A route that is forgotten here would be one that nobody tests."""
    assert set(TABLE) == set(_names(urlpatterns))


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back, so that the next caller finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(browser: Client, world: World, who: User, name: str, method: str) -> Any:
    """Ask for a route with what it needs; what that does is taken back."""
    row, path = TABLE[name], address(world, name, who)
    body = row.query if method == "GET" else row.body(world, who)
    with undone():
        return browser.get(path, body) if method == "GET" else browser.post(path, body)


def address(world: World, name: str, who: User) -> str:
    """A route's address, with new things for the ids in it."""
    row = TABLE[name]
    ids = row.ids(world, who)
    return world.path(name, **ids) if row.in_project else reverse(name, kwargs=ids)


@pytest.mark.slow
@pytest.mark.parametrize("caller", CALLERS)
def test_every_route_by_this_caller(crowd: World, caller: str) -> None:
    """The whole table: plain and by HTMX, GET and POST."""
    person = crowd.person(caller)
    who = person or crowd.cast.ann
    crowd.item()
    if caller == "owner":
        # A second owner, so that Ann may leave.
        crowd.member("Olga", "owner")
    wrong = []
    for htmx in (False, True):
        browser = browse(person, htmx=htmx)
        for name, row in TABLE.items():
            for method in ("GET", "POST"):
                response = ask(browser, crowd, who, name, method)
                want = expected(caller, method, row, htmx=htmx)
                if response.status_code != want:
                    wrong.append(f"{method} {name} htmx={htmx}: {response.status_code}, not {want}")
                if want == 302 and caller in ("anonymous", "deactivated"):
                    assert response.headers["Location"].startswith(SIGN_IN), name
                if want == 401:
                    assert response.headers["HX-Redirect"].startswith(SIGN_IN), name
                    assert b"<form" not in response.content, name
                if want == 302 and caller in RANK:
                    assert not response.headers["Location"].startswith(SIGN_IN), name
    assert wrong == []


@pytest.mark.parametrize("caller", ["non-member", "ex-member", "staff", "superuser"])
def test_a_hidden_project_looks_like_a_missing_one(crowd: World, caller: str) -> None:
    """Body and headers are the same to the byte, on every route: nothing tells that it exists."""
    person = crowd.person(caller)
    missing = uuid.uuid4()
    for htmx in (False, True):
        browser = browse(person, htmx=htmx)
        for name, row in TABLE.items():
            if not row.in_project:
                continue
            ids = row.ids(crowd, crowd.cast.bob)
            for method in ("get", "post"):
                if (row.get if method == "get" else row.post) is None:
                    continue
                hidden = getattr(browser, method)(crowd.path(name, **ids))
                absent = getattr(browser, method)(reverse(name, kwargs={"project_id": missing, **ids}))
                assert hidden.status_code == absent.status_code == 404, name
                assert hidden.content == absent.content, name
                assert headers_of(hidden) == headers_of(absent), name


@pytest.mark.parametrize("noun", sorted({name.partition("_")[0] for name in NESTED}))
def test_a_thing_of_another_project_is_missing_here(crowd: World, noun: str) -> None:
    """Even for an owner of both projects, a thing answers at its own project's address only."""
    cast = crowd.cast
    with acting_as_system([cast.other.id]):
        Membership.objects.create(project=cast.other, user=cast.ann, role="owner")
        foreign = Invitation.objects.create(
            project=cast.other,
            role="viewer",
            token_hash="0" * 64,
            invited_by=cast.zoe,
            expires_at="2999-01-01T00:00Z",
        )
    ids = {
        "item": lambda: {"item_id": crowd.item(project=cast.other).id},
        "message": lambda: {"message_id": crowd.message(project=cast.other, by=cast.ann).id},
        "question": lambda: {"question_id": crowd.question(project=cast.other).id},
        "blocker": lambda: {"blocker_id": crowd.blocker(project=cast.other).id},
        "member": lambda: {"user_id": cast.zoe.id},
        "invitation": lambda: {"invitation_id": foreign.id},
        "agent": lambda: {"token_id": crowd.agent_token(cast.other).id},
        "webhook": lambda: {"webhook_id": crowd.webhook(cast.other).id},
        "session": lambda: {"session_id": crowd.session(cast.ann, project=cast.other).id},
    }[noun]()
    browser, gone = browse(cast.ann), {key: uuid.uuid4() for key in ids}
    browser.get(crowd.path("project"))
    for name in (name for name in NESTED if name.partition("_")[0] == noun):
        row, body = TABLE[name], TABLE[name].body(crowd, cast.ann)
        with nothing_changes():
            for method in [m for m, least in (("get", row.get), ("post", row.post)) if least]:
                there = getattr(browser, method)(crowd.path(name, **ids), body)
                nowhere = getattr(browser, method)(crowd.path(name, **gone), body)
                assert there.status_code == nowhere.status_code == 404, name
                assert there.content == nowhere.content, name


def test_no_other_method_is_there(crowd: World) -> None:
    """405 and what would be allowed, whoever asks."""
    browsers = [browse(person) for person in (None, crowd.cast.zoe, crowd.cast.ann)]
    for name in TABLE:
        path = address(crowd, name, crowd.cast.ann)
        for browser in browsers:
            for method in (browser.put, browser.patch, browser.delete, browser.trace):
                response = method(path)
                assert response.status_code == 405, name
                assert "GET" in response.headers["Allow"] or "POST" in response.headers["Allow"]


@pytest.mark.parametrize("address", ["/projects/", "/profile/", "/account/password/change/", "/admin/"])
def test_no_other_method_needs_a_token_to_be_refused(cast: Cast, address: str) -> None:
    """Also where a view of others' making would take a PUT for a POST."""
    browser = browse(cast.ann, enforce_csrf_checks=True)
    for method in ("PUT", "PATCH", "DELETE", "BREW", "TRACE"):
        assert browser.generic(method, address).status_code == 405, method


def test_no_verb_works_without_its_token(crowd: World) -> None:
    """Case L07: a form that another site made a browser send is refused, and the person told to reload."""
    cast = crowd.cast
    plain = browse(cast.ann, enforce_csrf_checks=True)
    by_htmx = browse(cast.ann, htmx=True, enforce_csrf_checks=True)
    for name, row in TABLE.items():
        # Mail programs post to the link of a digest; see test_unsubscribe.
        if row.post is None or name == "unsubscribe":
            continue
        path, body = address(crowd, name, cast.ann), row.body(crowd, cast.ann)
        with nothing_changes():
            for browser in (plain, by_htmx):
                response = browser.post(path, body)
                assert response.status_code == 403, name
                assert "Reload it and try again" in response.text, name


def test_a_foreign_origin_is_refused_with_the_right_token_too(crowd: World) -> None:
    """Case L07."""
    browser = browse(crowd.cast.ann, enforce_csrf_checks=True)
    browser.get(crowd.path("project"))
    token = browser.cookies["csrftoken"].value
    with nothing_changes():
        refused = browser.post(
            crowd.path("item_add"),
            {"title": "Theirs", "csrfmiddlewaretoken": token},
            headers={"origin": "https://evil.example"},
        )
    assert refused.status_code == 403
    assert "Theirs" not in refused.text
    done = browser.post(crowd.path("item_add"), {"title": "Mine", "csrfmiddlewaretoken": token})
    assert done.status_code == 302


def test_the_token_of_before_a_sign_in_is_refused(crowd: World) -> None:
    """Case L07: signing in again in another tab makes the old tab's forms useless, until it is reloaded."""
    cast = crowd.cast
    browser = browse(enforce_csrf_checks=True)
    browser.get(SIGN_IN)
    old = browser.cookies["csrftoken"].value
    form = {"login": cast.ann.email, "password": factories.PASSWORD, "csrfmiddlewaretoken": old}
    assert browser.post(SIGN_IN, form).status_code == 302
    with nothing_changes():
        late = {"title": "Late", "csrfmiddlewaretoken": old}
        from_here = {"host": "testserver", "referer": f"http://testserver{crowd.path('project')}"}
        refused = browser.post(crowd.path("item_add"), late, headers=from_here)
    # What was typed is there to copy.
    assert (refused.status_code, "Late" in refused.text) == (403, True)


def test_signing_in_leads_back_to_the_page_one_wanted(crowd: World) -> None:
    page = crowd.path("sessions")
    browser = browse()
    to_sign_in = browser.get(page)
    assert to_sign_in.headers["Location"] == f"{SIGN_IN}?next={page}"
    form = {"login": crowd.cast.bob.email, "password": factories.PASSWORD}
    assert browser.post(to_sign_in.headers["Location"], form).headers["Location"] == page
    elsewhere = browse().post(f"{SIGN_IN}?next=https://evil.example/", form)
    assert elsewhere.headers["Location"] == "/"


def test_whoever_is_taken_out_is_out_at_the_next_request(crowd: World) -> None:
    """Also when their session cookie is as good as ever; a lowered role counts at once, too."""
    cast = crowd.cast
    browser = browse(cast.bob)
    assert browser.get(crowd.path("project")).status_code == 200
    owner = browse(cast.ann)
    owner.post(crowd.path("member_role", user_id=cast.bob.id), {"role": "viewer"})
    assert browser.post(crowd.path("item_add"), {"title": "No more"}).status_code == 403
    owner.post(crowd.path("member_remove", user_id=cast.bob.id))
    assert browser.get(crowd.path("project")).status_code == 404
    User.objects.filter(id=cast.bob.id).update(is_active=False)
    assert browser.get("/").headers["Location"].startswith(SIGN_IN)


def test_viewers_see_no_controls_that_are_not_theirs(crowd: World) -> None:
    """What one may not do is not offered; what is one's own is."""
    item = crowd.item()
    crowd.question()
    crowd.blocker()
    browser = browse(crowd.cast.vera)
    pages = [crowd.path("project"), crowd.path("item", item_id=item.id), crowd.path("project_settings")]
    forms = set(re.findall(r'(?:action|hx-post)="([^"]+)"', "".join(browser.get(p).text for p in pages)))
    names = {resolve(address).url_name for address in forms}
    assert names == {
        *("step_done", "step_snooze", "session_end", "project_leave", "account_logout"),
        "catch_up",
        "search",
    }
