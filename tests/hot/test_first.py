"""First answers are made in front of Django, word for word as Django makes them, and to nobody else."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sessions_app.db.rls import acting_as
from sessions_app.hot.answers import Answer
from sessions_app.hot.heads import Heads
from sessions_app.hot.questions import question_in
from sessions_app.metrics.instruments import REQUESTS
from sessions_app.models import SessionAnalytics
from sessions_app.services import analytics
from tests.conftest import Cast
from tests.doing import add
from tests.hot.conftest import Door, Story, Told, bearer
from tests.hot.test_door import addresses, change_password, deactivate, leave, sign_out
from tests.live.conftest import off_loop

Tell = Callable[[Story], None]


async def by_django(path: str, *given: tuple[str, str], **more: Any) -> Told:
    """What a door that knows nothing tells: Django's own answer."""
    door = Door()
    try:
        return await door.get(path, *given, **more)
    finally:
        await door.door.close()


def headers_of(told: Told) -> list[tuple[str, str]]:
    """In their order. Packed twice, the same is not of one length."""
    of_this_one = {"x-request-id"} | ({"content-length"} if "content-encoding" in told.headers else set())
    return [each for each in told.headers.items() if each[0] not in of_this_one]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("summary", ()),
        ("steps", ()),
        ("summary", (("Origin", "https://elsewhere.example"),)),
        # Whether a shorter one is packed is chance: Django adds some random bytes first.
        ("summary", (("Accept-Encoding", "gzip, br"),)),
    ],
    ids=str,
)
def test_it_is_told_as_django_tells_it(
    cast: Cast, tell: Tell, name: str, given: tuple[tuple[str, str], ...]
) -> None:
    path = addresses(cast)[name]
    ann, vera = bearer(cast.ann), bearer(cast.vera)

    async def story(door: Door) -> None:
        # Django answers the first of each kind, and the first by each sign-in.
        await door.get(path, ann, *given)
        vera_s = addresses(cast)["summary" if name == "steps" else "steps"]
        await door.get(vera_s, vera)
        asked = door.asked_django
        await off_loop(add, cast, "bob", "A lamp")
        for who in (ann, vera):
            first = await door.get(path, who, *given)
            django_s = await by_django(path, who, *given)
            assert (first.status, first.text) == (django_s.status, django_s.text)
            assert headers_of(first) == headers_of(django_s)
            again = await door.get(path, who, *given)
            assert (again.text, headers_of(again)) == (first.text, headers_of(first))
        assert door.asked_django == asked

    tell(story)


def test_what_it_computes_is_kept_as_django_keeps_it(cast: Cast, tell: Tell) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    def row() -> dict[str, Any]:
        with acting_as(cast.ann.id):
            summary = analytics.get_summary(cast.ann.id, cast.project.id)
            kept = SessionAnalytics.objects.values().get(user=cast.ann)
            assert analytics.is_computed(summary)
            computed = analytics.compute(cast.ann.id, cast.project.id)
            assert {name: kept[name] for name in computed} == computed
            return kept

    async def story(door: Door) -> None:
        await door.get(path, who)
        before = await off_loop(row)
        await off_loop(add, cast, "bob", "A lamp")
        counted = REQUESTS.labels("/api/sessions/summary/<user_id>/<project_id>", "GET", "200")._value
        answered = counted.get()
        await door.get(path, who)
        after = await off_loop(row)
        assert (door.asked_django, counted.get()) == (1, answered + 1)
        assert after["id"] == before["id"]
        assert after["computed_version"] > before["computed_version"]

    tell(story)


@pytest.mark.parametrize("revoke", [leave, deactivate, change_password, sign_out])
def test_who_may_no_more_is_told_nothing_that_is_new(
    cast: Cast, tell: Tell, revoke: Callable[[Cast], None]
) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.bob)

    async def story(door: Door) -> None:
        assert (await door.get(path, who)).status == 200
        await off_loop(add, cast, "ann", "A lamp")
        await off_loop(revoke, cast)
        assert (await door.get(path, who)).status in (401, 404)
        assert door.asked_django == 2

    tell(story)


def test_nobody_is_told_of_others(cast: Cast, tell: Tell) -> None:
    path, ann, zoe = addresses(cast)["summary"], bearer(cast.ann), bearer(cast.zoe)

    async def story(door: Door) -> None:
        await door.get(path, ann)
        await door.get(addresses(cast)["steps"].replace(str(cast.project.id), str(cast.other.id)), zoe)
        assert (await door.get(path, zoe)).status == 404
        assert (await door.get(path.replace("/me/", f"/{cast.bob.id}/"), ann)).status == 403
        assert (await door.get(path.replace("/me/", f"/{cast.ann.id}/"), ann)).status == 200
        assert door.asked_django == 4

    tell(story)


@pytest.mark.parametrize(
    "unusual", [{"method": "HEAD"}, {"query": "a=b"}, {"given": ("Range", "bytes=0-1")}], ids=str
)
def test_whatever_is_unusual_is_django_s_the_first_time_too(
    cast: Cast, tell: Tell, unusual: dict[str, Any]
) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)
    more = dict(unusual)
    given = (more.pop("given"),) if "given" in more else ()

    async def story(door: Door) -> None:
        await door.get(path, who)
        await off_loop(add, cast, "bob", "A lamp")
        told = await door.get(path, who, *given, **more)
        assert (told.status, door.asked_django) == ((await by_django(path, who, *given, **more)).status, 2)

    tell(story)


def test_calls_are_counted(cast: Cast, tell: Tell, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        statuses = []
        for number in range(3):
            statuses.append((await door.get(path, who)).status)
            await off_loop(add, cast, "bob", f"Lamp {number}")
        assert statuses == [200, 200, 429]

    tell(story)


def test_who_calls_too_often_has_no_work_done(cast: Cast, tell: Tell, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 1
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        assert (await door.get(path, who)).status == 200
        computed = await off_loop(row_of_ann, cast)
        await off_loop(add, cast, "bob", "A lamp")
        assert (await door.get(path, who)).status == 429
        assert await off_loop(row_of_ann, cast) == computed

    tell(story)


def test_who_traces_requests_asks_for_the_same(cast: Cast, tell: Tell) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        for number in range(3):
            await off_loop(add, cast, "bob", f"Lamp {number}")
            assert (await door.get(path, who, ("CF-Ray", f"{number}-FRA"))).status == 200
        assert door.asked_django == 1

    tell(story)


def test_packed_and_unpacked_answers_have_each_their_head(cast: Cast) -> None:
    """One that is too small to be packed, an empty list, changes nothing for those that are larger."""
    given = {"host": "127.0.0.1", "authorization": "Bearer x", "accept-encoding": "gzip"}
    question = question_in(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": addresses(cast)["steps"],
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
    )
    assert question is not None
    heads, usual = Heads(), ((b"ETag", b'"a"'), (b"Content-Length", b"1"))
    small = Answer(200, usual, b"x", '"a"', "steps")
    heads.learn(question, small)
    assert heads.put_before("y" * 1_000, question) is None, "a head that says it is packed is not known"
    heads.learn(question, replace(small, headers=(*usual, (b"Content-Encoding", b"gzip"))))
    short, long = heads.put_before("y", question), heads.put_before("y" * 1_000, question)
    assert short is not None
    assert long is not None
    assert (short.body, gzip.decompress(long.body)) == (b"y", b"y" * 1_000)


def row_of_ann(cast: Cast) -> dict[str, Any]:
    with acting_as(cast.ann.id):
        return SessionAnalytics.objects.values().get(user=cast.ann)


def test_many_at_once_are_each_told_their_own(cast: Cast, tell: Tell) -> None:
    """One statement answers them all; whoever acts changes from one to the next."""
    path = addresses(cast)["summary"]
    whose = {user.email: bearer(user) for user in (cast.ann, cast.bob, cast.vera)}

    async def story(door: Door) -> None:
        for who in whose.values():
            await door.get(path, who)
        await off_loop(add, cast, "bob", "A lamp")
        told = await asyncio.gather(*(door.get(path, who) for who in whose.values() for _ in range(3)))
        assert door.asked_django == 3
        for number, who in enumerate(whose.values()):
            expected = (await by_django(path, who)).text
            assert {each.text for each in told[number * 3 : number * 3 + 3]} == {expected}

    tell(story)
