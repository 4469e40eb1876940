"""C09: a Redis may go away, fall silent and come back empty; pushes are best effort, writes are not."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.crowd import newest_of_chat, open_all, say
from tests.faults.pages import OpenPage, until
from tests.faults.product import Product, Stage
from tests.faults.proxy import Proxy, running_in_thread
from tests.faults.redis_server import Redis, needs_redis, own_redis
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

pytestmark = needs_redis


@dataclass(frozen=True)
class Hinted:
    """A product whose hints travel by a Redis, and the line between the two."""

    product: Product
    redis: Redis
    line: Proxy


@pytest.fixture(scope="module")
def hinted() -> Iterator[Hinted]:
    with (
        own_redis() as redis,
        running_in_thread(Proxy(redis.port)) as line,
        running("--no-worker", REDIS_URL=f"redis://127.0.0.1:{line.port}/0") as product,
    ):
        yield Hinted(product, redis, line)


@dataclass
class Writes:
    """What became of the writes while Redis was in trouble: answers, and seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_to_page: float = 0.0

    async def one(self, stage: Stage, page: OpenPage, text: str) -> None:
        """Say something, and wait until the page shows it."""
        started = time.monotonic()
        status, _ = await asyncio.to_thread(stage.people[1].post, stage.path("messages/"), {"text": text})
        self.slowest = max(self.slowest, time.monotonic() - started)
        self.statuses[status] += 1
        if status == 302:
            took = await until(lambda: text in page.seen, 30)
            self.slowest_to_page = max(self.slowest_to_page, took)


@case("C09")
@sizes(3.0, 30.0)
def test_redis_is_killed_and_comes_back_empty(hinted: Hinted, size: float, verdicts: Verdicts) -> None:
    """SIGKILL, then a new one that knows nobody."""
    _see_through(hinted, size, verdicts, "gone", hinted.redis.kill, hinted.redis.start)


@case("C09")
@sizes(3.0, 30.0)
def test_redis_falls_silent(hinted: Hinted, size: float, verdicts: Verdicts) -> None:
    """A line on which nothing is refused and nothing comes: the worst that a network does."""
    _see_through(hinted, size, verdicts, "silent", hinted.line.hush, hinted.line.mend)


def _see_through(
    hinted: Hinted,
    seconds: float,
    verdicts: Verdicts,
    trouble: str,
    begin: Callable[[], None],
    end: Callable[[], None],
) -> None:
    product = hinted.product
    stage, writes = product.settle(people=2), Writes()

    async def story() -> None:
        page, stop = OpenPage(stage.people[0], stage.projects[0]), asyncio.Event()
        page.load()
        tasks = await open_all([page], stop)
        await until(hinted.redis.has_listeners, 30)
        await say(stage.people[1], stage, "while all is well")
        await until(lambda: "while all is well" in page.seen, 30)
        begin()
        began_at, number = time.monotonic(), 0
        while time.monotonic() - began_at < seconds:
            await writes.one(stage, page, f"while it is {trouble} {number}")
            number += 1
        end()
        ended_at = time.monotonic()
        await until(hinted.redis.has_listeners, 60)
        verdicts.at_most("hints have their listeners again after", time.monotonic() - ended_at, 20, "s")
        committed = await say(stage.people[1], stage, "all is well again")
        await until(lambda: "all is well again" in page.seen, 30)
        verdicts.at_most(
            "then a page shows a commit after", max(page.received_at.values()) - committed, 10, "s"
        )
        stop.set()
        await asyncio.gather(*tasks)
        verdicts.only(f"writes while it is {trouble}", writes.statuses, {302})
        verdicts.at_most("the slowest of them", writes.slowest, 5, "s")
        verdicts.at_most("the page shows each of them after", writes.slowest_to_page, 10, "s")
        verdicts.holds("the page is as the database", page.chat == newest_of_chat(product, stage.projects[0]))

    asyncio.run(story())
