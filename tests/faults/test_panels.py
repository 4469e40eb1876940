"""C: a panel is never silently stale, whatever happens to hints, sockets and servers."""

from __future__ import annotations

import asyncio
import http.client
import random
import re
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass

import pytest

from tests.faults.conftest import running
from tests.faults.pages import OpenPage, until
from tests.faults.product import Person, Product, Stage
from tests.faults.proxy import Proxy
from tests.faults.sizes import sizes
from tests.running import free_port

CHAT_ROWS = "select id::text from messages where project_id::text = %s order by created_at, id"
SHOWN = 30


def pages_of(stage: Stage, tabs: int) -> list[OpenPage]:
    """So many tabs of each person in each project, all loaded."""
    pages = []
    for project in stage.projects:
        for person in stage.people:
            first = OpenPage(person, project)
            first.load()
            pages.append(first)
            for _ in range(tabs - 1):
                other = OpenPage(person, project)
                other.loaded_like(first)
                pages.append(other)
    return pages


async def say(person: Person, stage: Stage, text: str, project: int = 0) -> float:
    """Say something in the chat; returns the moment of the answer, after the commit."""
    status, _ = await asyncio.to_thread(person.post, stage.path("messages/", project), {"text": text})
    assert status == 302, status
    return time.time()


async def open_all(pages: list[OpenPage], stop: asyncio.Event) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(page.live(stop)) for page in pages]
    await until(lambda: all(page.pushes for page in pages), 60)
    return tasks


def chat_of(product: Product, project: str) -> list[str]:
    return [row[0] for row in product.ask(CHAT_ROWS, project)]


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


# The full form: 300 sockets of three people with ten tabs each in ten projects; the clients run on the
# same two cores as the product.
@sizes(Crowd(2, 3, 3, 5, 5), Crowd(3, 10, 10, 5, 300))
def test_every_socket_shows_its_projects_events_in_order_once(product: Product, size: Crowd) -> None:
    """C01: commit to socket, p99 at most a second."""
    stage = product.settle(people=size.people + 1, projects=size.projects)
    speaker = stage.people.pop()

    async def story() -> None:
        pages, stop = pages_of(stage, size.tabs), asyncio.Event()
        tasks = await open_all(pages, stop)
        committed: dict[str, float] = {}
        for number in range(int(size.seconds * size.events_a_second)):
            text = f"event {number}"
            committed[text] = await say(speaker, stage, text, number % size.projects)
            await asyncio.sleep(1 / size.events_a_second)
        for place, project in enumerate(stage.projects):
            mine = [text for number, text in enumerate(committed) if number % size.projects == place]
            shown = [page for page in pages if page.project == project]
            await until(lambda shown=shown, mine=mine: all(len(p.seen) >= len(mine) for p in shown), 10)
            assert all(page.seen == mine for page in shown), "each event once, in order"
        stop.set()
        await asyncio.gather(*tasks)
        late = sorted(
            received - committed[text]
            for page in pages
            for text, received in zip(page.seen, page.received_at.values(), strict=True)
        )
        print(
            f"\nC01: {size.sockets} sockets, {len(committed)} events: commit to socket"
            f" p50 {late[len(late) // 2] * 1000:.0f} ms, p99 {late[len(late) * 99 // 100] * 1000:.0f} ms"
        )

    asyncio.run(story())


@dataclass(frozen=True)
class Cuts:
    events: int
    longest: float


@sizes(Cuts(60, 1.5), Cuts(1_000, 120))
def test_what_was_missed_while_cut_off_is_caught_up(product: Product, size: Cuts) -> None:
    """C02: the line is cut at random while events are made; nothing is missing and nothing is double."""
    stage = product.settle(people=2)
    reader, speaker = stage.people

    async def story() -> None:
        proxy = await Proxy(product.web.port).start()
        page, stop = OpenPage(reader, stage.projects[0]), asyncio.Event()
        page.load()
        start = page.since
        page.port = proxy.port
        # The socket goes through the proxy, whose port is its origin and host.
        task = asyncio.create_task(page.live(stop))
        await until(lambda: page.pushes, 20)
        dice, made = random.Random(2), 0

        async def cut_and_mend() -> None:
            while True:
                await asyncio.sleep(dice.uniform(0.3, 1.5))
                proxy.cut()
                await asyncio.sleep(dice.uniform(0.3, size.longest))
                proxy.mend()

        cutting = asyncio.create_task(cut_and_mend())
        while made < size.events:
            await say(speaker, stage, f"event {made}")
            made += 1
            await asyncio.sleep(0.02)
        cutting.cancel()
        proxy.mend()
        rows = chat_of(product, stage.projects[0])
        took = await until(lambda: page.chat == rows[-SHOWN:], 10)
        stop.set()
        await task
        await proxy.stop()
        versions = await asyncio.to_thread(page.catch_up, start)
        sql = (
            "select version from activities where project_id::text = %s and version > %s order by version, id"
        )
        first = int(start.partition(":")[2].partition(".")[0])
        assert versions == [row[0] for row in product.ask(sql, stage.projects[0], first)]
        print(f"\nC02: {made} events, {page.pushes} pushes, up to date {took:.2f} s after the last")
        # Too old a place, and another database's: the explicit word to reload.
        for since in (f"{page.epoch}:999999.1", "0a0a0a:1.1"):
            connection = await asyncio.to_thread(_headers_of, reader, stage, since)
            assert connection.get("hx-refresh") == "true"

    asyncio.run(story())


def _headers_of(person: Person, stage: Stage, since: str) -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", person.port, timeout=20)
    connection.request(
        "GET", stage.path(f"panels/changes/?since={since}"), headers={"Cookie": person.cookie_header()}
    )
    headers = {name.lower(): value for name, value in connection.getresponse().headers.items()}
    connection.close()
    return headers


@dataclass(frozen=True)
class Burst:
    events: int
    fast: int


_BURST = """
from sessions_app.db.rls import acting_as_system
from sessions_app.ledger import Actor
from sessions_app.services import messages
import uuid
project = uuid.UUID("{project}")
for number in range({events}):
    with acting_as_system([project]):
        messages.post_message(project, Actor.agent("Burst"), text=f"event {{number}}")
print("DONE")
"""


@sizes(Burst(200, 4), Burst(1_000, 20))
def test_a_burst_reaches_the_fast_and_the_slow(product: Product, size: Burst) -> None:
    """C05: as fast as they can be committed; one page shows ten pushes a second, one none for a while."""
    stage = product.settle(people=1)
    project = stage.projects[0]

    async def story() -> None:
        pages, stop = pages_of(stage, size.fast + 2), asyncio.Event()
        slow, stuck = pages[-1], pages[-2]
        slow.shows_in, stuck.shows_in = 0.1, 2.0
        tasks = await open_all(pages, stop)
        done = await asyncio.to_thread(
            product.manage, "shell", "-c", _BURST.format(project=project, events=size.events)
        )
        assert "DONE" in done.stdout, done.stdout + done.stderr
        rows = chat_of(product, project)
        fast = await until(lambda: all(page.chat == rows[-SHOWN:] for page in pages[:-2]), 5)
        rest = await until(lambda: all(page.chat == rows[-SHOWN:] for page in pages), 10)
        stop.set()
        await asyncio.gather(*tasks)
        versions = await asyncio.to_thread(pages[0].catch_up, f"{pages[0].epoch}:0.0")
        assert len(versions) == size.events + 1
        assert versions == sorted(versions)
        print(
            f"\nC05: {size.events} events; fast pages complete {fast:.2f} s after the last one, the slow ones"
            f" {rest:.2f} s later; pushes {pages[0].pushes} fast, {slow.pushes} slow, {stuck.pushes} stuck"
        )

    asyncio.run(story())


def test_whoever_changes_it_every_servers_pages_show_it(product: Product) -> None:
    """C08: a management command, the worker, the second web process; without Redis."""
    stage = product.settle(people=2)
    reader, writer = stage.people
    second = product.serve("--no-worker")

    async def story() -> None:
        page, stop = OpenPage(reader, stage.projects[0]), asyncio.Event()
        page.load()
        tasks = await open_all([page], stop)
        elsewhere = writer.at(second.port)
        committed = await say(elsewhere, stage, "from the second server")
        elsewhere.close()
        await until(lambda: "from the second server" in page.seen, 5)
        through_the_second = (max(page.received_at.values()) - committed) * 1000

        before = page.version
        source = product.folder / "log.jsonl"
        source.write_text(
            '{"id": "w-1", "title": "From an import", "status": "open", "created_at": "2026-01-05T10:00:00Z",'
            ' "updated_at": "2026-01-06T10:00:00Z"}\n'
        )
        await asyncio.to_thread(
            product.manage,
            "import_project",
            str(source),
            "--project",
            stage.title,
            "--owner",
            stage.owner,
        )
        await until(lambda: page.version != before, 5)
        # A report is folded by the worker, a process of its own.
        done = await asyncio.to_thread(
            product.manage, "shell", "-c", _REPORT.format(project=stage.projects[0])
        )
        assert "DONE" in done.stdout, done.stderr
        facts = "select from activities where project_id::text = %s and kind = 'question.asked'"
        await until(lambda: product.ask(facts, stage.projects[0]), 5)
        newest = product.ask(
            "select version from project_counters where project_id::text = %s", stage.projects[0]
        )[0][0]
        await until(lambda: int(page.version.partition(".")[0]) == newest, 5)
        stop.set()
        await asyncio.gather(*tasks)
        print(f"\nC08: commit at the second server to a socket of the first: {through_the_second:.0f} ms")

    asyncio.run(story())
    product.processes.remove(second)
    assert second.stop() == 0


_REPORT = """
import uuid
from sessions_app.db.rls import acting_as_system
from sessions_app.services import agents
project = uuid.UUID("{project}")
with acting_as_system([project]):
    agents.post_agent_activity(
        project, agent_type="QuestionerAgent", action="asks", details={{"question": "From a report?"}}
    )
print("DONE")
"""


@sizes(2.0, 30.0)
@pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server found: install Debian's")
def test_redis_may_go_away_and_come_back_empty(size: float) -> None:
    """C09: writes go on, pages converge within 10 s, and hints flow again afterwards."""
    port = free_port()
    redis = start_redis(port)
    try:
        with running("--no-worker", REDIS_URL=f"redis://127.0.0.1:{port}/0") as product:
            stage = product.settle(people=2)
            reader, writer = stage.people

            async def story() -> None:
                nonlocal redis
                page, stop = OpenPage(reader, stage.projects[0]), asyncio.Event()
                page.load()
                tasks = await open_all([page], stop)
                await say(writer, stage, "while it is up")
                await until(lambda: "while it is up" in page.seen, 5)
                redis.kill()
                redis.wait(10)
                gone, number, slowest = time.monotonic(), 0, 0.0
                while time.monotonic() - gone < size:
                    await say(writer, stage, f"without it {number}")
                    slowest = max(slowest, await until(lambda n=number: f"without it {n}" in page.seen, 10))
                    number += 1
                redis = start_redis(port)
                await until(lambda: hints_flow(product), 15)
                committed = await say(writer, stage, "it is back")
                await until(lambda: "it is back" in page.seen, 10)
                back = max(page.received_at.values()) - committed
                stop.set()
                await asyncio.gather(*tasks)
                print(
                    f"\nC09: {number} writes without Redis, all accepted; slowest to the page"
                    f" {slowest:.1f} s; {back * 1000:.0f} ms once it was back; closed with {page.closed_with}"
                )

            def hints_flow(product: Product) -> bool:
                found = subprocess.run(
                    ["redis-cli", "-p", str(port), "zcard", "leftoff:group:hints"],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                return bool(re.fullmatch(r"[1-9]\d*\s*", found.stdout))

            asyncio.run(story())
    finally:
        with suppress(ProcessLookupError):
            redis.kill()
        redis.wait(10)


def start_redis(port: int) -> subprocess.Popen[bytes]:
    """A Redis of the test's own, empty, which keeps nothing."""
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until_up = time.monotonic() + 10
    while subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True, check=False).returncode:
        assert time.monotonic() < until_up
        time.sleep(0.05)
    return redis
