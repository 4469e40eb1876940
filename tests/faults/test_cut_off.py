"""C02: whoever was cut off catches up with all that was missed, or is told to load the page anew."""

from __future__ import annotations

import asyncio
import http.client
import math
import random
from contextlib import suppress
from dataclasses import dataclass

import pytest

from tests.faults.cases import case
from tests.faults.crowd import newest_of_chat, open_all, say, versions_of
from tests.faults.pages import OpenPage, until
from tests.faults.product import Person, Product, Stage
from tests.faults.proxy import Proxy
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts


@dataclass(frozen=True)
class Cuts:
    events: int
    seconds: float
    longest: float


# The full form's events are spread, so that long cuts are among them and not all of it.
@case("C02")
@pytest.mark.timeout(900)
@sizes(Cuts(60, 6, 1.5), Cuts(1_000, 200, 120))
def test_what_was_missed_while_cut_off_is_caught_up(product: Product, size: Cuts, verdicts: Verdicts) -> None:
    """The line is cut at random while events are made; nothing is missing and nothing is double."""
    stage = product.settle(people=2)
    project = stage.projects[0]
    reader, speaker = stage.people

    async def story() -> None:
        proxy = await Proxy(product.web.port).start()
        page, stop = OpenPage(reader, project), asyncio.Event()
        page.load()
        first = int(page.version.partition(".")[0])
        # The socket goes through the proxy, whose port is its origin and host.
        page.port = proxy.port
        tasks = await open_all([page], stop)
        dice, told = random.Random(2), [first]

        async def catch_up() -> None:
            """What changed since the last fact that was told, as a page asks for it that is back."""
            with suppress(OSError, http.client.HTTPException):
                told.extend(await asyncio.to_thread(page.catch_up, f"{page.epoch}:{told[-1]}.0", proxy.port))

        async def cut_and_mend() -> None:
            while True:
                await asyncio.sleep(dice.uniform(0.3, 1.5))
                proxy.cut()
                # As many short ones as long ones.
                await asyncio.sleep(math.exp(dice.uniform(0, math.log(size.longest))))
                proxy.mend()
                cuts.append(len(told))
                await catch_up()

        cuts: list[int] = []
        cutting = asyncio.create_task(cut_and_mend())
        for number in range(size.events):
            await say(speaker, stage, f"event {number}")
            await asyncio.sleep(size.seconds / size.events)
        cutting.cancel()
        await asyncio.gather(cutting, return_exceptions=True)
        proxy.mend()
        rows = newest_of_chat(product, project)
        took = await until(lambda: page.chat == rows, 30)
        await catch_up()
        stop.set()
        await asyncio.gather(*tasks)
        await proxy.stop()
        verdicts.at_least("times the line was cut", len(cuts), 2)
        made, told = versions_of(product, project, first), told[1:]
        verdicts.none("facts missing in what changed, piece by piece", set(made) - set(told))
        verdicts.holds("each once and in order", told == made, f"{len(told)} of {len(made)}")
        verdicts.at_most("the page as the database after the last cut", took, 10, "s")

    asyncio.run(story())


@case("C02")
def test_what_cannot_be_caught_up_with_is_loaded_anew(product: Product, verdicts: Verdicts) -> None:
    """Another database's place, or one that is not reached yet: the explicit word to reload, at each door."""
    stage = product.settle(people=1)
    (reader,), project = stage.people, stage.projects[0]
    page = OpenPage(reader, project)
    page.load()
    doors = ("panels/changes/", "refresh/")
    for since in ("0a0a0a:1.1", f"{page.epoch}:999999.1", f"{page.epoch}:", ""):
        answers = {door: _says_reload(reader, stage, f"{door}?since={since}") for door in doors}
        verdicts.only(f"told to reload at {since or 'no place'}", set(answers.values()), {True})

    async def story() -> None:
        stop, version = asyncio.Event(), page.version
        page.epoch = "0a0a0a"
        socket = asyncio.create_task(page.live(stop))
        took = await until(lambda: page.reloads and page.version == version and page.pushes, 30)
        stop.set()
        await socket
        verdicts.at_most("its socket says so, and the page is back as the database", took, 10, "s")

    asyncio.run(story())


def _says_reload(person: Person, stage: Stage, door: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", person.port, timeout=20)
    connection.request("GET", stage.path(door), headers={"Cookie": person.cookie_header()})
    headers = connection.getresponse().headers
    connection.close()
    return headers["HX-Refresh"] == "true"
