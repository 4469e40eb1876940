"""The capacity plan: from what one of each costs to the machines that many people need.

Costs are those that runs found (docs/costs.json, by scaling_page.py); how people behave is assumed, here and
nowhere else. docs/scaling.md tells the same in words, with the table this makes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tests.running import ROOT

# What the plan starts from: figures by the names test_costs.py gives them.
COSTS = ROOT / "docs" / "costs.json"
SIZES = (10_000, 1_000_000, 100_000_000)

# How people behave.
COME_ON_A_DAY = 0.3
VISITS_A_DAY = 2.5
# Of a day's visits in its busiest hour, and how much busier its busiest minutes are than that hour.
IN_BUSY_HOUR, BURST = 0.2, 2.0
VISIT_MINUTES = 12
# What somebody does in one visit. A panel is asked for by a page without a socket, and by programs.
A_VISIT: Mapping[str, float] = {"page": 4, "panel": 6, "summary": 4, "activity": 25, "change": 2}
# Who has the same project open when something changes there: each at another web process, as it is with many.
ONLOOKERS = 5
DAYS_ACTIVITIES_KEPT = 90

# A processor is planned to be busy for so much of its time in the busiest minutes, for queues to stay short.
PLANNED_BUSY = 0.6
WEB_PROCESS_GIB, WORKER_GIB = 0.5, 0.4
# Connections to PostgreSQL that each keeps at most, with DATABASE_POOL_SIZE=4 and hints by Redis.
WEB_CONNECTIONS, WORKER_CONNECTIONS = 13, 10
# What one PostgreSQL machine is trusted with: beyond that projects are spread over several.
MOST_DATABASE_CORES = 32
# A core and its share of memory and disk, for a month: assumed, for orders of magnitude only.
CORE_DOLLARS_A_MONTH = 25

Kind = str


class Cost(NamedTuple):
    """Processor milliseconds of one request: of the web process, and of PostgreSQL."""

    web: float
    database: float


@dataclass(frozen=True)
class Costs:
    """What one of each costs."""

    requests: Mapping[Kind, Cost]
    # A change that is pushed to a page, the only one of its project at that web process.
    push: Cost
    # Processor milliseconds of pushing it to one of many sockets there, and of folding one activity.
    push_to_one_of_many: float
    folding_worker: float
    folding_database: float
    socket_kib: float
    activity_bytes: float
    log_bytes: float


class Plan(NamedTuple):
    """What so many people need in their busiest minutes."""

    people: int
    # A second.
    requests: float
    activities: float
    pushes: float
    sockets: float
    web_processes: int
    worker_processes: int
    database_cores: int
    # PostgreSQL machines that share the projects among them.
    shards: int
    memory_gib: float
    activities_gib: float
    log_mib_a_second: float

    @property
    def cores(self) -> int:
        return self.web_processes + self.worker_processes + self.database_cores * self.shards

    @property
    def connections(self) -> int:
        """To each PostgreSQL machine, at most."""
        kept = self.web_processes * WEB_CONNECTIONS + self.worker_processes * WORKER_CONNECTIONS
        return math.ceil(kept / self.shards)

    @property
    def dollars_a_month(self) -> float:
        return self.cores * CORE_DOLLARS_A_MONTH


def costs_kept(newer: Mapping[str, float] | None = None) -> Costs:
    """The costs of the last runs that measured them and were kept, but for what is `newer` known of them."""
    figures = json.loads(COSTS.read_text()) | dict(newer or {})
    return Costs(
        requests={kind: Cost(figures[f"{kind}, web"], figures[f"{kind}, database"]) for kind in A_VISIT},
        push=Cost(figures["push, web"], figures["push, database"]),
        push_to_one_of_many=figures["push to one of many, web"],
        folding_worker=figures["folding an activity, worker"],
        folding_database=figures["folding an activity, database"],
        socket_kib=figures["socket, memory"],
        activity_bytes=figures["activity, on disk"],
        log_bytes=figures["activity, in the write-ahead log"],
    )


def rates(people: int, burst: float = BURST) -> dict[Kind, float]:
    """Requests a second by kind, in the busiest minutes of a day."""
    visits = people * COME_ON_A_DAY * VISITS_A_DAY * IN_BUSY_HOUR / 3600 * burst
    return {kind: visits * times for kind, times in A_VISIT.items()}


def work(by_kind: Mapping[Kind, float], costs: Costs) -> dict[Kind, Cost]:
    """What so many requests a second cost, and the pushes of what they change; folding is the activity's."""
    found = {
        kind: Cost(rate * costs.requests[kind].web, rate * costs.requests[kind].database)
        for kind, rate in by_kind.items()
    }
    tracked, pushes = found["activity"], by_kind["change"] * ONLOOKERS
    folded = by_kind["activity"] * costs.folding_database
    found["activity"] = Cost(tracked.web, tracked.database + folded)
    found["push"] = Cost(pushes * costs.push.web, pushes * costs.push.database)
    return found


def plan(people: int, costs: Costs) -> Plan:
    """What so many people need."""
    by_kind = rates(people)
    requests = sum(by_kind.values())
    pushes = by_kind["change"] * ONLOOKERS
    busy = work(by_kind, costs).values()
    web = _cores(sum(cost.web for cost in busy) / 1000)
    workers = _cores(by_kind["activity"] * costs.folding_worker / 1000)
    all_database_cores = _cores(sum(cost.database for cost in busy) / 1000)
    shards = math.ceil(all_database_cores / MOST_DATABASE_CORES)
    database_cores = math.ceil(all_database_cores / shards)
    # Visits begin in the busiest minutes as they do, and last longer than these: all of them overlap.
    sockets = by_kind["page"] / A_VISIT["page"] * VISIT_MINUTES * 60
    activities = people * COME_ON_A_DAY * VISITS_A_DAY * A_VISIT["activity"] * DAYS_ACTIVITIES_KEPT
    memory = (
        web * WEB_PROCESS_GIB + workers * WORKER_GIB + sockets * costs.socket_kib / 2**20
        # A database is given four GiB a core, to keep what is read now in memory.
        + database_cores * shards * 4
    )  # fmt: skip
    return Plan(
        people=people,
        requests=requests,
        activities=by_kind["activity"],
        pushes=pushes,
        sockets=sockets,
        web_processes=web,
        worker_processes=workers,
        database_cores=database_cores,
        shards=shards,
        memory_gib=memory,
        activities_gib=activities * costs.activity_bytes / 2**30,
        log_mib_a_second=by_kind["activity"] * costs.log_bytes / 2**20,
    )


def _cores(busy: float) -> int:
    """How many processors so much work wants, none of them busier than planned."""
    return max(1, math.ceil(busy / PLANNED_BUSY))
