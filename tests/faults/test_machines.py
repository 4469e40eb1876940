"""M01: of several machines each is killed in turn, under load; what was promised holds on those left."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter

from tests.faults.cases import case
from tests.faults.crowd import newest_of_chat, open_all
from tests.faults.floors import bare_floor
from tests.faults.machines import Machines, several_machines
from tests.faults.pages import OpenPage, until
from tests.faults.product import Person, Stage
from tests.faults.redis_server import needs_redis
from tests.faults.sizes import sizes
from tests.faults.use import Size, Use
from tests.faults.verdicts import Floor, Verdicts
from tests.faults.watching import watching


@needs_redis
@case("M01")
@sizes(Size(3, 8, 1), Size(20, 15, 8))
def test_each_machine_is_killed_in_turn(size: Size, verdicts: Verdicts) -> None:
    """Events, reports, messages, pages that may lag and open sockets at both web processes meanwhile."""
    with several_machines() as machines:
        product = machines.product
        stage = product.settle(people=5)
        use = Use(machines, stage, size)
        with watching(product) as seen, use.going_on():
            asyncio.run(story(machines, stage, size, verdicts, use))
        use.judge(verdicts)
        seen.told(verdicts)


async def story(machines: Machines, stage: Stage, size: Size, verdicts: Verdicts, use: Use) -> None:
    """Kill each, look at the others, start it again and look at all."""
    owner, floor, stop = stage.people[0], bare_floor(), asyncio.Event()
    pages = [
        tabs(opened(machines, person, stage, port), size.tabs)
        for person, port in zip(stage.people[1:3], machines.ports, strict=True)
    ]
    everybody = list(itertools.chain(*pages))
    tasks = await open_all(everybody, stop)
    told, left = owner, machines.browser(owner, machines.ports[1])

    async def shown(by: Person, text: str, to: list[OpenPage]) -> float:
        committed = await insist(by, stage, text)
        await until(lambda: all(text in page.seen for page in to), 60)
        return time.time() - committed

    took = await shown(told, "from the first to the second", pages[1])
    verdicts.at_most("what one web process commits the other one's pages show after", took, 1, "s", floor)
    for name, machine in machines.each.items():
        await asyncio.to_thread(machine.kill)
        await asyncio.sleep(size.seconds / 2)
        to = pages[1] if name == "a web process" else everybody
        took = await shown(left, f"while {name} is away", to)
        verdicts.at_most(f"without {name} a commit is shown after", took, 10, "s")
        if name == "Redis":
            await revoke(machines, stage, stage.people[4], verdicts, "without Redis", floor)
        await asyncio.sleep(size.seconds / 2)
        await asyncio.to_thread(machine.start)
        told.close()
        took = await shown(told, f"{name} is back", everybody)
        verdicts.at_most(f"once {name} is back, a commit is shown after", took, 10, "s")
    await revoke(machines, stage, stage.people[3], verdicts, "by the other web process", floor)
    await asyncio.to_thread(use.end)
    newest = await asyncio.to_thread(newest_of_chat, machines.product, stage.projects[0])
    await until(lambda: all(page.chat == newest for page in everybody), 20)
    verdicts.holds("in the end every page is as the database", True, len(everybody))
    stop.set()
    await asyncio.gather(*tasks)


async def insist(person: Person, stage: Stage, text: str) -> float:
    """Say something, again where one is told to come again; returns the moment of the answer."""
    while True:
        status, _ = await asyncio.to_thread(person.post, stage.path("messages/"), {"text": text})
        if status != 503:
            assert status == 302, status
            return time.time()
        await asyncio.sleep(0.5)


def opened(machines: Machines, person: Person, stage: Stage, port: int) -> OpenPage:
    """A tab of somebody at one web process."""
    page = OpenPage(machines.browser(person, port), stage.projects[0], origin=machines.base)
    page.load()
    return page


def tabs(first: OpenPage, count: int) -> list[OpenPage]:
    """So many tabs that show the same as the first, which is one of them."""
    others = [OpenPage(first.person, first.project, origin=first.origin) for _ in range(count - 1)]
    for other in others:
        other.loaded_like(first)
    return [first, *others]


async def revoke(
    machines: Machines, stage: Stage, person: Person, verdicts: Verdicts, how: str, floor: Floor
) -> None:
    """Remove somebody at the second web process, whose page is open at both."""
    stop = asyncio.Event()
    pages = [opened(machines, person, stage, port) for port in machines.ports]
    tasks = await open_all(pages, stop)
    owner = machines.browser(stage.people[0], machines.ports[1])
    status, _ = await asyncio.to_thread(owner.post, stage.path(f"members/{person.id}/remove/"))
    removed = time.monotonic()
    assert status == 302, status
    answers = Counter([await asyncio.to_thread(status_of, page.person, stage) for page in pages])
    verdicts.only(f"a revoke {how}: the next request at each", answers, {404})
    await until(lambda: all(4403 in page.closed_with for page in pages), 30)
    took = time.monotonic() - removed
    verdicts.at_most(f"a revoke {how}: both sockets are closed after", took, 5, "s", floor)
    stop.set()
    await asyncio.gather(*tasks)


def status_of(person: Person, stage: Stage) -> int:
    return person.get(stage.path(""))[0]
