"""A day's busiest minutes, played: requests that come when they like, and wait for a processor.

Each request, and each push of what it changed, takes a web process first and one of the database's processors
then, whichever is free. What comes is random around the rate of the moment, and the rate itself swings. No
more than MOST_CORES of the web processes are played, with their share of the database: many are alike, and a
larger pool only waits less.
"""

from __future__ import annotations

import heapq
import random
from typing import NamedTuple

from tests.benchmarks.capacity import ONLOOKERS, Cost, Costs, Plan, rates

SEED = 8
SECONDS = 60
MOST_CORES = 16
# Within the busiest minutes the rate swings by so much, up and down, over so many seconds.
SWING, SWING_SECONDS = 0.3, 10.0


class Played(NamedTuple):
    """What came of it."""

    # Seconds that 95 of 100 requests and pushes waited at most, before both kinds of processor together.
    p95_wait: float
    # Of its time, how long a processor was busy.
    web_busy: float
    database_busy: float


class _Servers:
    """So many alike that take what comes in its order."""

    def __init__(self, count: int) -> None:
        self.free_at = [0.0] * count
        self.busy = 0.0

    def take(self, at: float, seconds: float) -> float:
        """When work that comes now is begun."""
        begun = max(at, self.free_at[0])
        heapq.heapreplace(self.free_at, begun + seconds)
        self.busy += seconds
        return begun


def play(plan: Plan, costs: Costs) -> Played:
    """Play a plan's busiest minute."""
    rng = random.Random(SEED)
    cores = min(plan.web_processes, MOST_CORES)
    share = cores / plan.web_processes
    # The database of this share, if it were divided as the web processes are.
    database_cores = max(1, round(plan.database_cores * plan.shards * share))
    web, database = _Servers(cores), _Servers(database_cores)
    by_kind = {kind: rate * share for kind, rate in rates(plan.people).items()}
    kinds, weights = list(by_kind), list(by_kind.values())
    whole, now, waits = sum(weights), 0.0, []
    while now < SECONDS:
        is_high = int(now / SWING_SECONDS) % 2
        now += rng.expovariate(whole * (1 + SWING if is_high else 1 - SWING))
        (kind,) = rng.choices(kinds, weights)
        work = [costs.requests[kind]]
        if kind == "activity":
            work = [Cost(work[0].web, work[0].database + costs.folding_database)]
        if kind == "change":
            # Each process with onlookers draws for them once; what it sends to more than one costs little.
            work += [costs.push] * min(ONLOOKERS, plan.web_processes)
        for cost in work:
            # What one takes varies about its mean, as requests do: few take much longer.
            begun = web.take(now, rng.expovariate(1) * cost.web / 1000)
            reached = database.take(begun, rng.expovariate(1) * cost.database / 1000)
            waits.append((begun - now) + (reached - begun))
    waits.sort()
    return Played(
        p95_wait=waits[int(len(waits) * 0.95)],
        web_busy=web.busy / (SECONDS * cores),
        database_busy=database.busy / (SECONDS * database_cores),
    )
