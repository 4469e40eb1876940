"""C01, C05: what happens is on every open page soon, whole and in order, also when much happens at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.faults.cases import case
from tests.faults.crowd import newest_of_chat, open_all, p99, pages_of, say, versions_of
from tests.faults.floors import bare_floor
from tests.faults.pages import until
from tests.faults.product import Product
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

TOO_SLOW = 1013


@dataclass(frozen=True)
class Crowd:
    people: int
    tabs: int
    projects: int
    events_a_second: float
    seconds: float

    @property
    def sockets(self) -> int:
        return self.people * self.tabs * self.projects


# 300 sockets of three people with ten tabs each in ten projects; the clients run on the same two cores as the
# product.
@case("C01")
@pytest.mark.timeout(900)
@sizes(Crowd(2, 3, 3, 5, 5), Crowd(3, 10, 10, 5, 300))
def test_every_socket_shows_its_projects_events_in_order_once(
    product: Product, size: Crowd, verdicts: Verdicts
) -> None:
    """Commit to socket: at most a second but for one in a hundred."""
    stage = product.settle(people=size.people + 1, projects=size.projects)
    speaker, machine = stage.people.pop(), bare_floor()

    async def story() -> None:
        pages, stop = pages_of(stage, size.tabs), asyncio.Event()
        tasks = await open_all(pages, stop)
        committed: dict[str, float] = {}
        for number in range(int(size.seconds * size.events_a_second)):
            text = f"event {number}"
            committed[text] = await say(speaker, stage, text, number % size.projects)
            await asyncio.sleep(1 / size.events_a_second)
        texts = list(committed)
        wanted = {key: texts[place :: size.projects] for place, key in enumerate(stage.projects)}
        await until(lambda: all(len(page.seen) >= len(wanted[page.project]) for page in pages), 10)
        stayed = [page for page in pages if page.is_open and not page.closed_with]
        stop.set()
        await asyncio.gather(*tasks)
        verdicts.at_least("sockets that were open all the time", len(stayed), size.sockets)
        wrong = [page.seen for page in pages if page.seen != wanted[page.project]]
        verdicts.none("sockets that showed not each event once and in order", wrong)
        late = [
            received - committed[text]
            for page in pages
            for text, received in zip(page.seen, page.received_at.values(), strict=True)
        ]
        verdicts.at_most(f"commit to socket, p99 of {len(late)}", p99(late), 1, "s", machine)

    asyncio.run(story())


@dataclass(frozen=True)
class Burst:
    events: int
    fast: int
    # How long the slowest page needs to show one push, in seconds.
    slowest: float


# Every tenth event is an idea, so that a number of the page changes as well.
_BURST = """
import uuid
from sessions_app.db.rls import acting_as_system
from sessions_app.ledger import Actor
from sessions_app.services import items, messages
project, agent = uuid.UUID("{project}"), Actor.agent("Burst")
for number in range({events}):
    with acting_as_system([project]):
        if number % 10:
            messages.post_message(project, agent, text=f"event {{number}}")
        else:
            items.add_item(project, agent, title=f"idea {{number}}")
print("DONE")
"""


# "1,000 events in 1 s" is as fast as one process can commit them. In the full form the slowest page is so
# slow that the server gives it up.
@case("C05")
@sizes(Burst(200, 4, 2.0), Burst(1_000, 20, 25.0))
def test_a_burst_reaches_the_fast_and_the_slow(product: Product, size: Burst, verdicts: Verdicts) -> None:
    """One page shows ten pushes a second, one none for a while; at the end all show what the database has."""
    stage = product.settle(people=1)
    project = stage.projects[0]

    async def story() -> None:
        pages, stop = pages_of(stage, size.fast + 2), asyncio.Event()
        *fast, slowest, slow = pages
        tasks = await open_all(pages, stop)
        slow.shows_in, slowest.shows_in = 0.1, size.slowest
        done = await asyncio.to_thread(
            product.manage, "shell", "-c", _BURST.format(project=project, events=size.events)
        )
        assert "DONE" in done.stdout, done.stdout + done.stderr
        rows = newest_of_chat(product, project)
        version = product.ask("select version from project_counters where project_id::text = %s", project)
        exploring = product.ask(
            "select count(*) from items where project_id::text = %s and state = 'exploring'", project
        )

        def are_as_the_database(some: list) -> bool:
            return all(
                (page.chat, page.version.partition(".")[0], page.exploring)
                == (rows, str(version[0][0]), exploring[0][0])
                for page in some
            )

        verdicts.at_most(
            "fast pages complete after the last event",
            await until(lambda: are_as_the_database(fast), 30),
            5,
            "s",
        )
        took = await until(lambda: are_as_the_database([slow]), 30)
        verdicts.at_most("the slow page as the database, after that", took, 10, "s")
        if size.slowest > 20:
            await until(lambda: slowest.closed_with, 40)
            verdicts.only("the slowest page was closed with", Counter(slowest.closed_with), {TOO_SLOW})
            slowest.shows_in = 0.0
        took = await until(lambda: are_as_the_database(pages), 40)
        verdicts.at_most("the slowest page as the database, after that", took, 10, "s")
        stop.set()
        await asyncio.gather(*tasks)
        told = await asyncio.to_thread(fast[0].catch_up, f"{fast[0].epoch}:0.0")
        verdicts.holds(
            "what changed tells each fact once and in order", told == versions_of(product, project), len(told)
        )

    asyncio.run(story())
