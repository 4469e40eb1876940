"""What one of each costs: processor time of the web process and of PostgreSQL, and bytes.

The capacity plan (docs/scaling.md) starts from these figures, on daphne, by their names, and from the memory
of a socket (test_live_latency.py). It is played here.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice

import pytest

from tests.benchmarks.audience import Audience
from tests.benchmarks.capacity import PLANNED_BUSY, SIZES, Cost, Costs, costs_kept, plan
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
SOCKETS, PUSHES = 250, 40
# As long as nothing more comes a push is over.
PUSHED_SECONDS = 0.2
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
    _play(goals, costs_kept({line.what: line.figure for line in noted}))


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
        self.change = self._note("change", SOME, lambda: self._say(SOME))

    async def of_sockets(self) -> None:
        """A change that is pushed to a page alone, and to one of many."""
        audience = open_pages(self.product, self.web, self.stage.people, self.stage.projects[0])
        for sockets, name in ((1, "push"), (SOCKETS, "push to one of many")):
            await audience.grow(sockets)
            # The first is drawn for who came later as well.
            await self._push(audience)
            await self._note_pushes(name, audience)
        await audience.leave()

    async def _note_pushes(self, name: str, audience: Audience) -> None:
        """What a push costs beside the change itself."""
        audience.forget()
        started = self._used()
        for _ in range(PUSHES):
            await self._push(audience)
        used = self._used_since(started)
        web, database = (
            max(0.0, both - PUSHES * change) / audience.pushes
            for both, change in zip(used, self.change, strict=True)
        )
        self.goals.figure(TOPIC, f"{name}, web", web, "CPU ms")
        self.goals.figure(TOPIC, f"{name}, database", database, "CPU ms")

    async def _push(self, audience: Audience) -> None:
        """A change, until all show it."""
        await asyncio.to_thread(self._say, 1)
        await audience.quiet(PUSHED_SECONDS)

    def _ask(self, asked: list[bytes], expected: int = 200) -> None:
        drive(self.web.port, asked, in_flight=AT_ONCE, expected=expected)

    def _say(self, times: int) -> None:
        speaker = self.stage.people[0]
        for number in range(times):
            assert speaker.post(self.stage.path("messages/"), {"text": f"News {number}"})[0] == 302

    def _note(self, name: str, times: int, do: Callable[[], object]) -> Cost:
        """Measure what doing it costs, and note it for one of them."""
        started = self._used()
        do()
        web, database = (used / times for used in self._used_since(started))
        self.goals.figure(TOPIC, f"{name}, web", web, "CPU ms")
        self.goals.figure(TOPIC, f"{name}, database", database, "CPU ms")
        return Cost(web, database)

    def _used(self) -> Cost:
        """The processor time of the web process and of PostgreSQL until now."""
        return Cost(
            seconds_of(self.web.popen.pid) * 1000, seconds_of_family(self.product.postmaster()) * 1000
        )

    def _used_since(self, started: Cost) -> Cost:
        now = self._used()
        return Cost(now.web - started.web, now.database - started.database)


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
