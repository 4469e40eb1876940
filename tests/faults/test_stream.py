"""A: a steady stream of activities, and a flood of them."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from tests.faults.cases import case
from tests.faults.product import Product, Stage
from tests.faults.sizes import sizes
from tests.faults.tracking import events_of, flood, looks_at, stream
from tests.faults.verdicts import Floor, Verdicts
from tests.faults.waiting import wait_until
from tests.faults.watching import watching

MEGABYTE = 1_000_000
# Milliseconds of a bare answer to the same clients on a quiet machine of two cores.
QUIET_P50, QUIET_P99 = 2.0, 8.0
P50_MILLISECONDS, P99_MILLISECONDS = 60, 300


@dataclass(frozen=True)
class Stream:
    people: int
    projects: int
    a_second: float
    seconds: float


@case("A01")
@pytest.mark.timeout(900)
@sizes(Stream(8, 2, 25, 6), Stream(20, 5, 50, 600))
def test_a_steady_stream_is_taken_in(product: Product, size: Stream, verdicts: Verdicts) -> None:
    """Programs by bearer and pages by cookie, in turn."""
    stage = product.settle(people=size.people, projects=size.projects)
    port, events = product.web.port, events_of(stage)
    bare = stream(port, looks_at(port), a_second=size.a_second, seconds=3)
    # Once everything was used, what is held further is growth.
    warm = stream(port, events, a_second=size.a_second, seconds=2)
    before = product.web.resident_bytes
    with watching(product) as seen:
        ledger = stream(port, events, a_second=size.a_second, seconds=size.seconds)
    growth = (product.web.resident_bytes - before) / MEGABYTE
    verdicts.only("answers", ledger.statuses(), {202, 429, 503})
    verdicts.none("429s and 503s that do not say when to come again", ledger.without_retry_after())
    verdicts.none("202s without a row", ledger.without_a_row(product, stage))
    for share, limit, quiet in ((0.5, P50_MILLISECONDS, QUIET_P50), (0.99, P99_MILLISECONDS, QUIET_P99)):
        floor = Floor(bare.milliseconds(share), quiet)
        verdicts.at_most(f"p{share * 100:.0f} of the answers", ledger.milliseconds(share), limit, "ms", floor)
    verdicts.at_most("the web process grew by", growth, 50, "MB")
    verdicts.at_most("what was tracked waited at most", seen.lag, 10, "s")
    seen.told(verdicts)
    sent = len(warm.accepted()) + len(ledger.accepted())
    wait_until(lambda: counted(product, stage) == sent)
    verdicts.holds("each counted once in the analytics", True, sent)


def counted(product: Product, stage: Stage) -> int:
    ((activities,),) = product.ask(
        "select sum(activities_tracked)::int from session_analytics where project_id::text = any(%s)",
        stage.projects,
    )
    return activities or 0


@dataclass(frozen=True)
class Flood:
    people: int
    at_once: int
    in_all: int
    # So long after it all is as before.
    rest_seconds: float


@case("A02")
@sizes(Flood(5, 100, 600, 4), Flood(20, 400, 5_000, 10))
def test_a_flood_is_answered_in_time(product: Product, size: Flood, verdicts: Verdicts) -> None:
    stage = product.settle(people=size.people)
    port, events = product.web.port, events_of(stage)
    bare = stream(port, looks_at(port), a_second=20, seconds=2)
    floor = Floor(bare.milliseconds(0.99), QUIET_P99)
    with watching(product) as seen:
        ledger = flood(port, events, at_once=size.at_once, in_all=size.in_all)
        time.sleep(size.rest_seconds)
        after = stream(port, events, a_second=20, seconds=3)
    verdicts.only("answers", ledger.statuses(), {202, 429, 503})
    verdicts.none("429s and 503s that do not say when to come again", ledger.without_retry_after())
    verdicts.at_most("slowest answer", ledger.milliseconds(1) / 1000, 10, "s", floor)
    verdicts.none("202s without a row", ledger.without_a_row(product, stage))
    verdicts.none("rows of what was refused", ledger.refused_with_a_row(product, stage))
    verdicts.only("answers a little later", after.statuses(), {202})
    verdicts.at_most(
        f"p99 {size.rest_seconds:.0f} s later", after.milliseconds(0.99), P99_MILLISECONDS, "ms", floor
    )
    seen.told(verdicts)
