"""What one process has answered to a program the next tells too: by way of a Redis of the tests' own."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis import Redis

from sessions_app import exchange
from sessions_app.db.trouble import Rest
from tests.conftest import Cast
from tests.doing import add
from tests.faults.redis_server import needs_redis, own_redis
from tests.hot.conftest import Door, Story, bearer
from tests.hot.test_door import addresses, change_password, leave, sign_out
from tests.hot.test_first import headers_of
from tests.live.conftest import off_loop

Tell = Callable[[Story], None]


@pytest.fixture(autouse=True)
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a Redis did before."""
    monkeypatch.setattr(exchange, "_rest", Rest(exchange.REST_SECONDS, exchange.logger))


@pytest.fixture
def redis(settings: Any) -> Iterator[Redis]:
    """One that both processes ask."""
    with own_redis() as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.port}/0"
        with Redis(port=server.port) as client:
            yield client


@asynccontextmanager
async def another() -> AsyncIterator[Door]:
    """The door of another process."""
    there = Door()
    try:
        yield there
    finally:
        await there.door.close()


def found_in(redis: Redis) -> int:
    """How often something was asked for that was there."""
    return int(redis.info("stats")["keyspace_hits"])


@needs_redis
@pytest.mark.parametrize("name", ["summary", "steps", "blockers"])
def test_django_answers_for_both(cast: Cast, tell: Tell, redis: Redis, name: str) -> None:
    path, who = addresses(cast)[name], bearer(cast.ann)

    async def story(door: Door) -> None:
        async with another() as there:
            first, again = await door.get(path, who), await there.get(path, who)
            assert (again.status, again.text) == (200, first.text)
            assert headers_of(again) == headers_of(first)
            assert (door.asked_django, there.asked_django) == (1, 0)

    tell(story)


@needs_redis
def test_after_a_change_one_makes_it_for_both(cast: Cast, tell: Tell, redis: Redis) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        async with another() as there:
            await door.get(path, who)
            before = await there.get(path, who)
            found = found_in(redis)
            await off_loop(add, cast, "bob", "A lamp")
            first, again = await door.get(path, who), await there.get(path, who)
            assert (first.status, again.text) == (200, first.text)
            assert again.text != before.text
            assert (door.asked_django, there.asked_django) == (1, 0)
            assert found_in(redis) > found

    tell(story)


@needs_redis
@pytest.mark.parametrize("revoke", [leave, change_password, sign_out])
def test_a_right_that_is_gone_is_gone_elsewhere(
    cast: Cast, tell: Tell, redis: Redis, revoke: Callable[[Cast], None]
) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.bob)

    async def story(door: Door) -> None:
        async with another() as there:
            assert (await door.get(path, who)).status == 200
            await off_loop(revoke, cast)
            assert (await there.get(path, who)).status in (401, 404)

    tell(story)


@needs_redis
def test_what_lies_there_is_sealed_and_for_programs(cast: Cast, tell: Tell, redis: Redis) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        await door.get(path, who)
        names = await off_loop(lambda: list(redis.scan_iter()))
        assert len(names) == 1
        assert 0 < redis.ttl(names[0]) <= exchange.EXPIRE_SECONDS
        assert b"userId" not in redis.get(names[0])

    tell(story)


def test_one_that_says_nothing_keeps_nobody_waiting(cast: Cast, tell: Tell, settings: Any) -> None:
    path, who = addresses(cast)["summary"], bearer(cast.ann)

    async def story(door: Door) -> None:
        async with another() as there:
            assert (await door.get(path, who)).status == 200
            assert (await there.get(path, who)).status == 200
            assert there.asked_django == 1

    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        tell(story)
