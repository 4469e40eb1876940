"""What one process has answered to a program the next tells too: by way of a Redis of the tests' own."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from redis import Redis

from sessions_app import exchange
from sessions_app.hot import answers
from sessions_app.services import limits
from tests.conftest import Cast
from tests.doing import add
from tests.faults.redis_server import needs_redis, own_redis, rested_and_patient  # noqa: F401 -- a fixture
from tests.hot.conftest import Door, Story, bearer
from tests.hot.test_door import addresses, change_password, leave, sign_out
from tests.hot.test_first import by_django, headers_of
from tests.live.conftest import off_loop

Tell = Callable[[Story], None]


@pytest.fixture
def redis(settings: Any) -> Iterator[Redis]:
    """One that both processes ask."""
    with own_redis() as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.port}/0"
        with Redis(port=server.port) as client:
            yield client


@asynccontextmanager
async def another(door: Door, path: str, *given: tuple[str, str]) -> AsyncIterator[Door]:
    """The door of another process; both know such questions, which are `given` as headers."""
    there = Door()
    try:
        for each in (door, there):
            assert (await each.get(path, *given)).status == 200
        yield there
    finally:
        await there.door.close()


def found_in(redis: Redis) -> int:
    """How often something was asked for that was there: itself, and how long still."""
    return int(redis.info("stats")["keyspace_hits"]) // 2


@needs_redis
@pytest.mark.parametrize(
    ("name", "given"), [("summary", ()), ("summary", (("Accept-Encoding", "gzip"),)), ("steps", ())], ids=str
)
def test_after_a_change_one_makes_it_for_both(
    cast: Cast, tell: Tell, redis: Redis, name: str, given: tuple[tuple[str, str], ...]
) -> None:
    path, who = addresses(cast)[name], bearer(cast.ann)

    async def story(door: Door) -> None:
        async with another(door, path, who, *given) as there:
            for lamp in ("A lamp", "Another"):
                await off_loop(add, cast, "bob", lamp)
                found = found_in(redis)
                first = await door.get(path, who, *given)
                assert found_in(redis) == found
                again = await there.get(path, who, *given)
                assert found_in(redis) == found + 1
                django_s = await by_django(path, who, *given)
                assert (again.status, again.text) == (200, first.text) == (200, django_s.text)
                assert headers_of(again) == headers_of(first) == headers_of(django_s)
            assert (door.asked_django, there.asked_django) == (1, 1)

    tell(story)


@needs_redis
def test_in_another_state_it_is_made_anew(cast: Cast, tell: Tell, redis: Redis) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        async with another(door, path, who) as there:
            await off_loop(add, cast, "bob", "A lamp")
            lamp = await door.get(path, who)
            await off_loop(add, cast, "bob", "Another")
            both = await there.get(path, who)
            assert both.text != lamp.text
            assert both.text == (await by_django(path, who)).text

    tell(story)


@needs_redis
@pytest.mark.parametrize("revoke", [leave, change_password, sign_out])
def test_a_right_that_is_gone_is_gone_elsewhere(
    cast: Cast, tell: Tell, redis: Redis, revoke: Callable[[Cast], None]
) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.bob)

    async def story(door: Door) -> None:
        async with another(door, path, who) as there:
            await off_loop(add, cast, "ann", "A lamp")
            assert (await door.get(path, who)).status == 200
            await off_loop(revoke, cast)
            assert (await there.get(path, who)).status in (401, 404)

    tell(story)


@needs_redis
def test_it_has_the_time_that_is_left(
    cast: Cast, tell: Tell, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        async with another(door, path, who) as there:
            await off_loop(add, cast, "bob", "A lamp")
            await door.get(path, who)
            for name in await off_loop(lambda: list(redis.scan_iter())):
                redis.pexpire(name, 20_000)
            found = found_in(redis)
            await there.get(path, who)
            assert found_in(redis) == found + 1
            # It was made ten seconds ago: in fifteen it stands, in twenty-one it does not.
            now = time.monotonic()
            for later, asked in ((15, 0), (21, 1)):
                clock = SimpleNamespace(monotonic=lambda later=later: now + later)
                monkeypatch.setattr(answers, "time", clock)
                found = found_in(redis)
                await there.get(path, who)
                assert found_in(redis) - found == asked

    tell(story)


@needs_redis
def test_what_lies_there_is_sealed(cast: Cast, tell: Tell, redis: Redis) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        await door.get(path, who)
        await off_loop(add, cast, "bob", "A lamp")
        await door.get(path, who)
        names = await off_loop(lambda: list(redis.scan_iter()))
        assert len(names) == 1
        assert 0 < redis.ttl(names[0]) <= exchange.EXPIRE_SECONDS
        assert b"userId" not in redis.get(names[0])

    tell(story)


@needs_redis
def test_who_calls_too_often_has_nobody_asked(
    cast: Cast, tell: Tell, redis: Redis, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    # In Redis windows are everybody's: none may end meanwhile.
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 1_000_020.0))
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        for _ in range(2):
            await door.get(path, who)
        await off_loop(add, cast, "bob", "A lamp")
        asked = redis.info("commandstats").get("cmdstat_get")
        assert (await door.get(path, who)).status == 429
        assert redis.info("commandstats").get("cmdstat_get") == asked

    tell(story)


def test_one_that_says_nothing_keeps_nobody_waiting(
    cast: Cast, tell: Tell, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "ANSWER_SECONDS", 0.1)
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        async with another(door, path, who) as there:
            assert there.asked_django == 1

    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        tell(story)
