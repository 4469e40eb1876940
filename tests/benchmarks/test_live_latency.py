"""How long it takes from a POST to the changed DOM of another person's page, beside a bare echo.

Prints medians and ratios, asserts none of them. In one run: 1, 100 and 1,000 open sockets on one project,
one of them a real Chromium page; the others acknowledge what they get. They belong to a few people with
many tabs each, as the product renders once per person. The floor is a Channels consumer that echoes to a
group, in a daphne of its own, with as many sockets.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import websockets
from playwright.async_api import Page, async_playwright

from tests.e2e.launch import CHROMIUM, FLAGS
from tests.faults.conftest import running
from tests.faults.pages import OpenPage, until
from tests.faults.product import Person, Product, Stage
from tests.running import ROOT, free_port

SIZES = (1, 100, 1_000)
POSTS = 30
PEOPLE = 10
BETWEEN_SECONDS = 0.25

# Notes when a text appears, by the clock that Python's time.time() reads too.
WATCH = """
window.seen = {};
new MutationObserver(() => {
  for (const text of document.body.textContent.matchAll(/mark-[0-9]+-[0-9]+/g)) {
    window.seen[text[0]] ??= performance.timeOrigin + performance.now();
  }
}).observe(document.body, {subtree: true, childList: true, characterData: true});
"""

SEEN = """
text => new Promise(tell => {
  const look = () => window.seen[text] ? tell(window.seen[text]) : setTimeout(look, 5);
  look();
})
"""


@pytest.mark.benchmark
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium found: install Debian's, or set CHROMIUM")
def test_post_to_dom(capsys: pytest.CaptureFixture[str]) -> None:
    """Each size in turn, the product and the floor."""
    with running("--no-worker") as product:
        ours = asyncio.run(_product(product))
    floor = asyncio.run(_echo())
    with capsys.disabled():
        print(f"\nPOST to DOM, {POSTS} posts each; sockets of {PEOPLE} people; beside a bare Channels echo:")
        for size in SIZES:
            mine, bare = _figures(ours[size]), _figures(floor[size])
            print(
                f"  {size:>5,} sockets  p50 {mine[0]:6.0f} ms  p95 {mine[1]:6.0f} ms"
                f"   echo p50 {bare[0]:6.1f}  p95 {bare[1]:6.1f}   ratio of p50 {mine[0] / bare[0]:5.1f} x"
            )


def _figures(values: list[float]) -> tuple[float, float]:
    return statistics.median(values), sorted(values)[int(len(values) * 0.95) - 1]


async def _product(product: Product) -> dict[int, list[float]]:
    stage = product.settle(people=PEOPLE + 1)
    speaker = stage.people.pop()
    found = {}
    async with _chromium() as page:
        await _open_project(page, stage)
        stop, tasks, pages = asyncio.Event(), [], []
        for size in SIZES:
            while len(pages) < size - 1:
                pages.append(_tab(stage, pages))
                tasks.append(asyncio.create_task(pages[-1].live(stop)))
                await asyncio.sleep(0.005)
            await until(lambda: all(each.pushes for each in pages), 120)
            await asyncio.sleep(2)
            found[size] = await _measure(page, size, lambda text: _say(speaker, stage, text))
        stop.set()
        await asyncio.gather(*tasks)
    return found


def _tab(stage: Stage, pages: list[OpenPage]) -> OpenPage:
    tab = OpenPage(stage.people[len(pages) % PEOPLE], stage.projects[0], reads=False)
    like = next((page for page in pages if page.person is tab.person), None)
    if like is None:
        tab.load()
    else:
        tab.loaded_like(like)
    return tab


async def _open_project(page: Page, stage: Stage) -> None:
    reader = stage.people[0]
    await page.context.add_cookies(
        [
            {"name": name, "value": value, "url": f"http://127.0.0.1:{reader.port}"}
            for name, value in reader.cookies.items()
        ]
    )
    await page.goto(f"http://127.0.0.1:{reader.port}{stage.path('')}")
    await page.evaluate(WATCH)
    await asyncio.sleep(2)


async def _say(person: Person, stage: Stage, text: str) -> None:
    status, _ = await asyncio.to_thread(person.post, stage.path("messages/"), {"text": text})
    assert status == 302


async def _measure(page: Page, size: int, send) -> list[float]:
    taken = []
    for number in range(POSTS):
        text = f"mark-{size}-{number}"
        started = time.time() * 1000
        await send(text)
        async with asyncio.timeout(20):
            taken.append(await page.evaluate(SEEN, text) - started)
        await asyncio.sleep(BETWEEN_SECONDS)
    return taken


@asynccontextmanager
async def _chromium() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield await browser.new_page()
        await browser.close()


async def _echo() -> dict[int, list[float]]:
    port, found = free_port(), {}
    echo = subprocess.Popen(
        [sys.executable, "-m", "daphne", "-p", str(port), "tests.benchmarks.echo:application"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await until(lambda: _listens(port), 20)
        async with _chromium() as page:
            await page.evaluate(WATCH)
            await page.evaluate(
                "port => { window.socket = new WebSocket(`ws://127.0.0.1:${port}/`);"
                " socket.onmessage = ({data}) => { document.body.textContent = data } }",
                port,
            )
            others: list[asyncio.Task[None]] = []
            async with websockets.connect(f"ws://127.0.0.1:{port}/", max_size=None) as speaker:
                reading = asyncio.create_task(_read(speaker))
                for size in SIZES:
                    while len(others) < size - 1:
                        others.append(asyncio.create_task(_listen(port)))
                        await asyncio.sleep(0.005)
                    await asyncio.sleep(2)
                    found[size] = await _measure(page, size, speaker.send)
                for task in (reading, *others):
                    task.cancel()
                await asyncio.gather(reading, *others, return_exceptions=True)
    finally:
        echo.terminate()
        echo.wait(10)
    return found


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def _listen(port: int) -> None:
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/", max_size=None, compression=None, ping_interval=None
    ) as socket:
        await _read(socket)


async def _read(socket: websockets.ClientConnection) -> None:
    async for _ in socket:
        pass
