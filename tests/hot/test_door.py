"""Told again while nothing changed, and to nobody else; asked anew as soon as anything did."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session as BrowserSession

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.db.together import REST_SECONDS
from sessions_app.models import Session, User
from sessions_app.services import members, presence, sessions, sign_ins, tracking
from tests.conftest import Cast
from tests.doing import add, do
from tests.hot.conftest import Door, Story, bearer, cookies
from tests.live.conftest import off_loop

Tell = Callable[[Story], None]


def addresses(cast: Cast) -> dict[str, str]:
    here = cast.project.id
    return {
        "summary": f"/api/sessions/summary/me/{here}",
        "analytics": f"/api/sessions/analytics/me/{here}",
        "steps": f"/api/sessions/suggested-steps/{here}",
        "blockers": f"/api/sessions/blockers/{here}",
        "stats": f"/projects/{here}/panels/stats/",
        "items": f"/projects/{here}/panels/items/",
    }


@pytest.mark.parametrize("name", ["summary", "steps", "blockers", "stats", "items"])
def test_what_did_not_change_is_told_again(cast: Cast, tell: Tell, name: str) -> None:
    path = addresses(cast)[name]
    who = bearer(cast.ann) if path.startswith("/api/") else cookies(cast.ann)

    async def story(door: Door) -> None:
        first, again = await door.get(path, who), await door.get(path, who)
        assert (first.status, door.asked_django) == (200, 1)
        assert again.text == first.text
        # A cookie that lasts longer by it is given by what Django makes.
        assert again.headers.keys() == first.headers.keys() - {"set-cookie"}
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
        await off_loop(add, cast, "bob", "A lamp")
        changed = await door.get(path, who)
        # Two of them are made here, once it is known how.
        assert (changed.status, door.asked_django) == (200, 1 if name in ("summary", "steps") else 2)
        if name in ("summary", "stats", "items"):
            assert changed.text != first.text

    tell(story)


def test_the_analytics_row_is_told_with_what_was_folded_into_it(cast: Cast, tell: Tell) -> None:
    path, who = addresses(cast)["analytics"], bearer(cast.ann)

    def track() -> None:
        with acting_as(cast.ann.id):
            tracking.track_activity(cast.ann.id, cast.project.id)
            tracking.fold_tracked([cast.project.id], user_id=cast.ann.id, most=10)

    async def story(door: Door) -> None:
        # It is made by the first, and stays as it is from then on.
        await door.get(path, who)
        before, again = await door.get(path, who), await door.get(path, who)
        assert (again.text, door.asked_django) == (before.text, 2)
        await off_loop(track)
        after = await door.get(path, who)
        changed = [json.loads(each.text)["data"]["updated_at"] for each in (before, after)]
        assert changed[0] < changed[1]

    tell(story)


@pytest.mark.parametrize("name", ["summary", "steps", "stats"])
def test_everybody_is_told_their_own(cast: Cast, tell: Tell, name: str) -> None:
    path = addresses(cast)[name]
    make = bearer if path.startswith("/api/") else cookies
    ann, vera, zoe = make(cast.ann), make(cast.vera), make(cast.zoe)
    vera_s_program = bearer(cast.vera)

    async def story(door: Door) -> None:
        assert (await door.get(path, ann)).status == 200
        assert (await door.get(path, vera)).status == 200
        assert door.asked_django == 2
        assert (await door.get(path, zoe)).status == 404
        assert (await door.get(path)).status in (302, 401)
        assert (await door.get(path, ("Authorization", "Bearer x"), ("Cookie", "x=y"))).status in (302, 401)
        # A summary of somebody else's own is refused as ever.
        theirs = path.replace("/me/", f"/{cast.ann.id}/")
        if name == "summary":
            assert (await door.get(theirs, vera_s_program)).status == 403

    tell(story)


def leave(cast: Cast) -> None:
    do(cast, "ann", members.remove_member, user_id=cast.bob.id)


def demote(cast: Cast) -> None:
    do(cast, "ann", members.change_role, user_id=cast.bob.id, role="viewer")


def deactivate(cast: Cast) -> None:
    User.objects.filter(id=cast.bob.id).update(is_active=False)


def change_password(cast: Cast) -> None:
    cast.bob.set_password("another horse battery")
    cast.bob.save(update_fields=["password"])


def sign_out(cast: Cast) -> None:
    sign_ins.end_all(cast.bob.id)
    BrowserSession.objects.all().delete()


@pytest.mark.parametrize("revoke", [leave, deactivate, change_password, sign_out])
@pytest.mark.parametrize("name", ["summary", "stats"])
def test_a_right_that_is_gone_is_gone_at_the_next_request(
    cast: Cast, tell: Tell, name: str, revoke: Callable[[Cast], None]
) -> None:
    path = addresses(cast)[name]
    who = bearer(cast.bob) if path.startswith("/api/") else cookies(cast.bob)

    async def story(door: Door) -> None:
        for _ in range(2):
            assert (await door.get(path, who)).status == 200
        assert door.asked_django == 1
        await off_loop(revoke, cast)
        assert (await door.get(path, who)).status in (302, 401, 404)

    tell(story)


def test_a_lesser_role_is_shown_its_own_panel(cast: Cast, tell: Tell) -> None:
    path, who = addresses(cast)["items"], cookies(cast.bob)

    async def story(door: Door) -> None:
        before = await door.get(path, who)
        await off_loop(demote, cast)
        after = await door.get(path, who)
        assert before.text.count("<form") > after.text.count("<form")

    tell(story)


def test_ones_own_session_and_marks_count_at_once(cast: Cast, tell: Tell) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        before = await door.get(path, who)
        await off_loop(do_alone, cast.ann, sessions.start_session, cast.ann.id, cast.project.id)
        after = await door.get(path, who)
        assert before.text != after.text

    tell(story)


def test_a_panel_knows_who_came(cast: Cast, tell: Tell) -> None:
    path, who = f"/projects/{cast.project.id}/panels/presence/", cookies(cast.ann)

    async def story(door: Door) -> None:
        assert "Bob" not in (await door.get(path, who)).text
        await off_loop(
            do_alone, cast.bob, presence.note_present, uuid.uuid4(), [(cast.project.id, cast.bob.id)]
        )
        assert "Bob" in (await door.get(path, who)).text

    tell(story)


def test_who_opens_the_page_resumes_their_session(cast: Cast, tell: Tell) -> None:
    path, who = f"/projects/{cast.project.id}/", cookies(cast.ann)

    def alive_at() -> dt.datetime:
        with acting_as(cast.ann.id):
            return Session.objects.get(user=cast.ann, is_active=True).last_activity

    async def story(door: Door) -> None:
        # The first starts a session, and the page after it is another one.
        for _ in range(2):
            first = await door.get(path, who)
        asked, before = door.asked_django, await off_loop(alive_at)
        again = await door.get(path, who)
        assert (again.status, again.text, door.asked_django) == (200, first.text, asked)
        assert before < await off_loop(alive_at)
        # What is fetched without being opened is Django's, which resumes nothing.
        await door.get(path, who, ("HX-Request", "true"))
        await door.get(path, who, ("Sec-Purpose", "prefetch"))
        assert door.asked_django == asked + 2
        await off_loop(do_alone, cast.ann, sessions.end_session, cast.ann.id, cast.project.id)
        # A new session is started, and tells of the one that ended.
        assert (await door.get(path, who)).text != first.text
        assert await off_loop(alive_at) > before

    tell(story)


def test_who_is_signed_in_no_more_resumes_nothing(cast: Cast, tell: Tell) -> None:
    path, who = f"/projects/{cast.project.id}/", cookies(cast.bob)

    def alive_at() -> dt.datetime:
        with acting_as(cast.bob.id):
            return Session.objects.get(user=cast.bob, is_active=True).last_activity

    async def story(door: Door) -> None:
        for _ in range(2):
            await door.get(path, who)
        await off_loop(change_password, cast)
        before = await off_loop(alive_at)
        assert (await door.get(path, who)).status == 302
        assert await off_loop(alive_at) == before

    tell(story)


def test_an_idle_session_is_not_resumed_by_opening_the_page(cast: Cast, tell: Tell) -> None:
    path, who = f"/projects/{cast.project.id}/", cookies(cast.ann)

    def grow_idle() -> None:
        with acting_as(cast.ann.id):
            Session.objects.update(last_activity=clock.now() - dt.timedelta(minutes=31))

    def how_many() -> int:
        with acting_as(cast.ann.id):
            return Session.objects.filter(user=cast.ann).count()

    async def story(door: Door) -> None:
        for _ in range(2):
            await door.get(path, who)
        await off_loop(grow_idle)
        await door.get(path, who)
        assert await off_loop(how_many) == 2

    tell(story)


def do_alone(user: User, verb: Callable[..., Any], *args: object) -> None:
    with acting_as(user.id):
        verb(*args)


def test_a_known_answer_is_a_304_until_it_changes(cast: Cast, tell: Tell) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        first = await door.get(path, who)
        known = ("If-None-Match", first.headers["etag"])
        for _ in range(2):
            stands = await door.get(path, who, known)
            assert (stands.status, stands.text, door.asked_django) == (304, "", 1)
            assert stands.headers["etag"] == first.headers["etag"]
            assert "content-length" not in stands.headers
            assert "content-security-policy" in stands.headers
        await off_loop(add, cast, "bob", "A lamp")
        changed = await door.get(path, who, known)
        assert changed.status == 200
        assert (await door.get(path, who, ("If-None-Match", changed.headers["etag"]))).status == 304
        assert door.asked_django == 1

    tell(story)


@pytest.mark.parametrize(
    "unusual",
    [
        {"query": "a=b"},
        {"method": "HEAD"},
        {"method": "POST"},
        {"given": ("Range", "bytes=0-1")},
        {"given": ("Transfer-Encoding", "chunked")},
        {"given": ("Host", "127.0.0.1:8000")},
        {"given": ("X-Much", "x" * 4_096)},
    ],
    ids=str,
)
def test_whatever_is_unusual_is_django_s(cast: Cast, tell: Tell, unusual: dict[str, Any]) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)
    more = dict(unusual)
    given = (more.pop("given"),) if "given" in more else ()

    async def story(door: Door) -> None:
        await door.get(path, who)
        await door.get(path, who, *given, **more)
        assert door.asked_django == 2

    tell(story)


def test_a_header_it_does_not_know_makes_another_question(cast: Cast, tell: Tell) -> None:
    path, who = addresses(cast)["stats"], cookies(cast.ann)

    async def story(door: Door) -> None:
        await door.get(path, who)
        await door.get(path, who, ("HX-Request", "true"))
        assert door.asked_django == 2
        await door.get(path, who, ("User-Agent", "another"))
        assert door.asked_django == 2

    tell(story)


def test_without_the_database_s_answer_django_is_asked(
    cast: Cast, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And as soon as it answers again it is asked again."""
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        monkeypatch.setattr("sessions_app.db.together._where_to_connect", lambda: {"port": "1"})
        for _ in range(2):
            assert (await door.get(path, who)).status == 200
        assert door.asked_django == 2
        monkeypatch.undo()
        await asyncio.sleep(REST_SECONDS)
        for _ in range(2):
            assert (await door.get(path, who)).status == 200
        assert door.asked_django == 3

    tell(story)


def test_calls_are_counted_as_by_django(cast: Cast, tell: Tell, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        statuses = [(await door.get(path, who)).status for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]

    tell(story)
