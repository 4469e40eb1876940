"""What the open pages of one project cost: until all show a change, and the memory of the web process.

`.venv/bin/pytest -m benchmark tests/benchmarks/growth/test_socket_curves.py`
"""

from __future__ import annotations

import asyncio
import statistics
from contextlib import closing

import pytest

from tests.benchmarks.audience import SETTLED_SECONDS
from tests.benchmarks.goals import Goals
from tests.benchmarks.open_pages import open_pages
from tests.benchmarks.serving import served
from tests.benchmarks.speaking import speaking
from tests.faults.process import Process
from tests.faults.product import Product, Stage

SOCKETS = (1, 10, 100, 1_000, 2_000)
PEOPLE = 1_000
# So often something is said at each size, and so many times a second: slowly enough that each reaches all.
CHANGES, A_SECOND = 8, 1

Points = dict[float, float]


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_costs_as_more_look_at_a_project(goals: Goals) -> None:
    with served() as leftoff:
        stage = leftoff.product.settle(people=PEOPLE + 1)
        for server, process in leftoff.processes.items():
            times, memory = asyncio.run(_curves(leftoff.product, process, stage))
            goals.curve("growth", f"a change until all show it, {server}", times, "sockets", "ms")
            goals.curve("growth", f"memory of the web process, {server}", memory, "sockets", "MiB")


async def _curves(product: Product, process: Process, stage: Stage) -> tuple[Points, Points]:
    """By the number of sockets: how long a change takes to the last of them, and the process's memory."""
    speaker, *people = (person.at(process.port) for person in stage.people)
    audience = open_pages(product, process, people, stage.projects[0])
    asked = {"project": stage.projects[0], "person": speaker.id, "a_second": A_SECOND, "count": CHANGES}
    times: Points = {}
    memory: Points = {}
    with speaking(product) as speak, closing(speaker):
        for size in SOCKETS:
            await audience.grow(size)
            audience.forget()
            first = _version(product, stage.projects[0]) + 1
            sent = await asyncio.to_thread(speak, asked)
            await audience.quiet(SETTLED_SECONDS)
            times[size] = statistics.median(
                audience.delays([left], first + number)[-1] for number, left in enumerate(sent)
            )
            memory[size] = process.resident_bytes / 2**20
    await audience.leave()
    return times, memory


def _version(product: Product, project: str) -> int:
    ((version,),) = product.ask("select version from project_counters where project_id::text = %s", project)
    return version
