"""Open pages of one project by the thousand, on daphne and on uvicorn, beside a bare hub on the same server.

From a POST to the changed DOM of another person's page (a real Chromium), what reaches everybody when much
is said, what a push costs the more sockets there are, and the memory of a socket. A thousand sockets are of a
thousand people. The hub (`bare_hub.py`) sends as many bytes to as many sockets, which answer each push as
pages do; it is woken by a request.
"""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Page

from tests.benchmarks.audience import SETTLED_SECONDS, Audience
from tests.benchmarks.goals import Goals
from tests.benchmarks.open_pages import open_pages
from tests.benchmarks.processor import seconds_of
from tests.benchmarks.readers import Reader, head_of
from tests.benchmarks.serving import DAPHNE, SERVERS, UVICORN, served, start
from tests.benchmarks.speaking import speaking
from tests.benchmarks.watching import LISTEN, SEEN, WATCH, chromium
from tests.e2e.launch import CHROMIUM
from tests.faults.process import Process
from tests.faults.product import Product, Stage

POST_TO_DOM_MS = {DAPHNE: 300, UVICORN: 75}
FEW, SIZE, MORE = 100, 1_000, 2_000
POSTS, BETWEEN_SECONDS = 20, 0.5
# How many sockets, how often a second, how many times; first what has no limit.
FIRST = (FEW, 5, 15)
RATES = ((SIZE, 10, 60), (MORE, 2, 12))
MEMORY_KIB = 22


@dataclass
class Found:
    """What was measured at one server."""

    memory: float = 0.0
    to_dom: list[float] = field(default_factory=list)
    # By how many sockets: the delays of all, and how many ended at the last version.
    delays: dict[int, tuple[list[float], int]] = field(default_factory=dict)
    # And the processor time of the web process for each push that came, in ms.
    costs: dict[float, float] = field(default_factory=dict)
    push_bytes: int = 0


@pytest.mark.benchmark
@pytest.mark.timeout(600)
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium found: install Debian's, or set CHROMIUM")
def test_live(goals: Goals) -> None:
    """Each server in turn: the product, and the bare hub with as many bytes."""
    with served() as all_served:
        product = all_served.product
        stage = product.settle(people=SIZE + 1)
        for server in SERVERS:
            ours = asyncio.run(_product(product, all_served.processes[server], stage))
            hub = start(product, "tests.benchmarks.bare_hub:application", server)
            _note(goals, server, ours, asyncio.run(_bare(hub, ours.push_bytes)))
            # One of them is the browser's.
            assert {size: ended for size, (_, ended) in ours.delays.items()} == {
                size: size - 1 for size, _, _ in (FIRST, *RATES)
            }


def _note(goals: Goals, server: str, ours: Found, bare: Found) -> None:
    what = f"POST to DOM, {SIZE:,} sockets, p95, {server}"
    goals.at_most("live", what, _share(ours.to_dom, 0.95), POST_TO_DOM_MS[server], "ms")
    goals.figure(
        "live",
        f"wake-up to DOM, {SIZE:,} sockets, p95, bare hub on {server}",
        _share(bare.to_dom, 0.95),
        "ms",
    )
    goals.curve("live", f"a push, {server}", ours.costs, "sockets", "CPU ms")
    goals.curve("live", f"a push, bare hub on {server}", bare.costs, "sockets", "CPU ms")
    for sockets, a_second, _ in RATES:
        (mine, ended), (floor, _all) = ours.delays[sockets], bare.delays[sockets]
        said = f"{sockets:,} sockets, {a_second} a second, {server}"
        goals.at_most(
            "live", f"{said}: p95 to the bare hub's", _share(mine, 0.95) / _share(floor, 0.95), 2, "x"
        )
        # One of them is the browser's.
        goals.at_least("live", f"{said}: sockets at the last version", ended, sockets - 1)
        goals.figure("live", f"{said}: p95", _share(mine, 0.95), "ms")
        goals.figure("live", f"{said}: p95, bare hub", _share(floor, 0.95), "ms")
    goals.at_most("live", f"memory of a socket, {server}", ours.memory, MEMORY_KIB, "KiB")
    goals.figure("live", f"memory of a socket, bare hub on {server}", bare.memory, "KiB")
    goals.figure("live", f"one push, {server}", ours.push_bytes / 1024, "KiB")


def _share(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share) - 1]


async def _product(product: Product, process: Process, stage: Stage) -> Found:
    *people, speaker = (person.at(process.port) for person in stage.people)
    project = stage.projects[0]
    audience = open_pages(product, process, people, project)

    async def post(number: int) -> None:
        path = f"/projects/{project}/messages/"
        status, _ = await asyncio.to_thread(speaker.post, path, {"text": f"mark-{number}"})
        assert status == 302

    def version() -> int:
        return product.ask("select version from project_counters where project_id::text = %s", project)[0][0]

    with speaking(product) as speak, closing(speaker):

        async def say(a_second: int, count: int) -> list[float]:
            asked = {"project": project, "person": speaker.id, "a_second": a_second, "count": count}
            return await asyncio.to_thread(speak, asked)

        async with chromium() as page:
            cookies = [
                {"name": name, "value": value, "url": f"http://127.0.0.1:{process.port}"}
                for name, value in people[0].cookies.items()
            ]
            await page.context.add_cookies(cookies)
            await page.goto(f"http://127.0.0.1:{process.port}/projects/{project}/")
            return await _measure(audience, page, post, say, version)


async def _bare(process: Process, size: int) -> Found:
    version = 0

    def wake_up(mark: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=60)
        connection.request("POST", f"/?bytes={size}&version={version}&mark={mark}")
        connection.getresponse().read()
        connection.close()

    def reader_of(_number: int, audience: Audience) -> Reader:
        return Reader(head_of(process.port, "/", "sessionid=" + "a" * 32), "0a", 0, 0, audience.took)

    async def wake(number: int = -1) -> float:
        nonlocal version
        version += 1
        left = time.time()
        await asyncio.to_thread(wake_up, f"mark-{number}")
        return left

    async def say(a_second: int, count: int) -> list[float]:
        waking = []
        for _ in range(count):
            waking.append(asyncio.create_task(wake()))
            await asyncio.sleep(1 / a_second)
        return await asyncio.gather(*waking)

    async with chromium() as page:
        await page.evaluate(LISTEN, process.port)
        audience = Audience(process, reader_of)
        return await _measure(audience, page, wake, say, lambda: version)


async def _measure(
    audience: Audience,
    page: Page,
    post: Callable[[int], Awaitable[object]],
    say: Callable[[int, int], Awaitable[list[float]]],
    version: Callable[[], int],
) -> Found:
    """`post` has a text of this number appear, `say` so much a second and so often; `version` is the last."""
    await page.evaluate(WATCH)
    found = Found()

    async def say_much(size: int, a_second: int, count: int) -> None:
        await audience.quiet(SETTLED_SECONDS)
        audience.forget()
        pid = audience.process.popen.pid
        first, used = version() + 1, seconds_of(pid)
        sent = await say(a_second, count)
        await audience.quiet()
        # With what pages say by themselves meanwhile.
        found.costs[size] = (seconds_of(pid) - used) / audience.pushes * 1000
        found.delays[size] = audience.delays(sent, first), audience.at(version())

    # What the first sockets and pushes make the process keep is no socket's.
    await audience.grow(FEW - 1)
    await say_much(*FIRST)
    found.memory = await audience.grow(SIZE - 1)
    for number in range(POSTS):
        started = time.time() * 1000
        await post(number)
        async with asyncio.timeout(60):
            found.to_dom.append(await page.evaluate(SEEN, f"mark-{number}") - started)
        await asyncio.sleep(BETWEEN_SECONDS)
    for size, a_second, count in RATES:
        if size > len(audience.readers) + 1:
            await audience.grow(size - 1)
        await say_much(size, a_second, count)
    await audience.leave()
    found.push_bytes = audience.push_bytes
    return found
