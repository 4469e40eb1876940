"""What one of each costs: processor time of the web process and of PostgreSQL, bytes, memory of a socket.

The capacity plan (docs/scaling.md) starts from these figures, on daphne, by their names, and is played here.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice

import pytest

from tests.benchmarks.capacity import PLANNED_BUSY, SIZES, Costs, costs_of, plan
from tests.benchmarks.client import drive, request
from tests.benchmarks.filling import fill
from tests.benchmarks.goals import Goals, Line
from tests.benchmarks.open_pages import open_pages
from tests.benchmarks.processor import seconds_of, seconds_of_family
from tests.benchmarks.serving import DAPHNE, Served, served
from tests.benchmarks.simulation import play
from tests.faults.product import Person, Product, Stage
from tests.faults.tracking import by_program

TOPIC = "costs"
PEOPLE, ITEMS = 10, 200
# How often each is done: enough for a clock that ticks a hundred times a second.
MANY, SOME = 600, 50
WARM, SOCKETS, PUSHES = 50, 250, 20
AT_ONCE = 2
# So long 95 of 100 requests wait at most in the busiest minute, before anybody works on them.
MOST_WAIT_MS = 100
# What is random is busier in one minute than in another.
SPREAD = 0.1

_DIGEST = """
import time
from sessions_app.digest.digester import digest_waiting
started = time.process_time()
print("FOLDED", digest_waiting(), time.process_time() - started)
"""


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_what_one_of_each_costs(goals: Goals) -> None:
    with served() as leftoff:
        product = leftoff.product
        stage = product.settle(people=PEOPLE)
        fill(product, {stage.projects[0]: ITEMS})
        costs = _Costs(goals, leftoff, stage)
        costs.of_requests()
        costs.of_activities()
        costs.of_changes()
        asyncio.run(costs.of_sockets())
    noted = (Line(*line) for line in goals.lines)
    _play(goals, costs_of({line.what: line.figure for line in noted}))


def _play(goals: Goals, costs: Costs) -> None:
    """Whether the plan that follows from the costs holds in its busiest minute."""
    for people in SIZES:
        played = play(plan(people, costs), costs)
        told = f"{people:,} people, played:"
        goals.at_most("capacity", f"{told} wait, p95", played.p95_wait * 1000, MOST_WAIT_MS, "ms")
        for name, busy in (("web processes", played.web_busy), ("PostgreSQL", played.database_busy)):
            goals.at_most("capacity", f"{told} {name} busy", busy * 100, (PLANNED_BUSY + SPREAD) * 100, "%")


class _Costs:
    def __init__(self, goals: Goals, leftoff: Served, stage: Stage) -> None:
        self.goals, self.product, self.stage = goals, leftoff.product, stage
        self.web = leftoff.processes[DAPHNE]

    def of_requests(self) -> None:
        """What is read: the page, a panel, a summary, each by everybody in turn."""
        project = self.stage.projects[0]
        for name, times, ask in (
            ("page", SOME, lambda person: _page(person, f"/projects/{project}/")),
            ("panel", MANY, lambda person: _page(person, f"/projects/{project}/panels/stats/")),
            ("summary", MANY, lambda person: _program(person, project)),
        ):
            asked = [ask(person) for person in self.stage.people]
            drive(self.web.port, asked, in_flight=1)
            self._note(name, times, partial(self._ask, list(islice(cycle(asked), times))))

    def of_activities(self) -> None:
        """An activity that is tracked, the room it takes, and what it costs to fold it into the analytics."""
        events = (
            by_program(person, self.stage.projects[0], str(uuid.uuid4()))
            for person in cycle(self.stage.people)
        )
        before = _written(self.product)
        asked = list(islice(events, MANY))
        self._note("activity", MANY, partial(self._ask, asked, expected=202))
        kept, logged = (later - sooner for later, sooner in zip(_written(self.product), before, strict=True))
        self.goals.figure(TOPIC, "activity, on disk", kept / MANY, "bytes")
        self.goals.figure(TOPIC, "activity, in the write-ahead log", logged / MANY, "bytes")
        postmaster = self.product.postmaster()
        started = seconds_of_family(postmaster)
        told = self.product.manage("shell", "-c", _DIGEST).stdout.partition("FOLDED ")[2].split()
        folded, worker = int(told[0]), float(told[1])
        assert folded == MANY
        self.goals.figure(TOPIC, "folding an activity, worker", worker / folded * 1000, "CPU ms")
        database = seconds_of_family(postmaster) - started
        self.goals.figure(TOPIC, "folding an activity, database", database / folded * 1000, "CPU ms")

    def of_changes(self) -> None:
        """A message that is posted, which nobody listens to."""
        self._note("change", SOME, lambda: self._say(SOME))

    async def of_sockets(self) -> None:
        """A socket's memory, and a change that is pushed to it."""
        audience = open_pages(self.product, self.web, self.stage.people, self.stage.projects[0])
        # What the first sockets and pushes make the process keep is no socket's.
        await audience.grow(WARM)
        await asyncio.to_thread(self._say, 1)
        self.goals.figure(TOPIC, "socket, memory", await audience.grow(SOCKETS), "KiB")
        audience.forget()
        started = seconds_of(self.web.popen.pid)
        for _ in range(PUSHES):
            await asyncio.to_thread(self._say, 1)
            await asyncio.sleep(0.2)
        await audience.quiet()
        used = seconds_of(self.web.popen.pid) - started - PUSHES * self.change / 1000
        self.goals.figure(TOPIC, "push to a socket, web", max(used, 0) / audience.pushes * 1000, "CPU ms")
        await audience.leave()

    def _ask(self, asked: list[bytes], expected: int = 200) -> None:
        drive(self.web.port, asked, in_flight=AT_ONCE, expected=expected)

    def _say(self, times: int) -> None:
        speaker = self.stage.people[0]
        for number in range(times):
            assert speaker.post(self.stage.path("messages/"), {"text": f"News {number}"})[0] == 302

    def _note(self, name: str, times: int, do: Callable[[], object]) -> None:
        """Measure what doing it costs, and note it for one of them."""
        web, postmaster = self.web.popen.pid, self.product.postmaster()
        started = seconds_of(web), seconds_of_family(postmaster)
        do()
        ended = seconds_of(web), seconds_of_family(postmaster)
        mine, theirs = ((later - sooner) / times * 1000 for later, sooner in zip(ended, started, strict=True))
        self.goals.figure(TOPIC, f"{name}, web", mine, "CPU ms")
        self.goals.figure(TOPIC, f"{name}, database", theirs, "CPU ms")
        if name == "change":
            self.change = mine


def _page(person: Person, path: str) -> bytes:
    return request(path, {"Cookie": person.cookie_header()})


def _program(person: Person, project: str) -> bytes:
    headers = {"Authorization": f"Bearer {person.bearer}"}
    return request(f"/api/sessions/summary/{person.id}/{project}", headers)


def _written(product: Product) -> tuple[int, int]:
    """How large the intake is, and how far the write-ahead log has come, in bytes."""
    ((kept, logged),) = product.ask(
        """
        select
          (
            select sum(pg_total_relation_size(oid)) from pg_class
            where starts_with(relname, 'tracked_activities') and relkind = 'r'
          )::bigint,
          (pg_current_wal_insert_lsn() - '0/0')::bigint
        """
    )
    return kept, logged
