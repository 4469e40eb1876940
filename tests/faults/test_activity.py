"""A: activities come steadily, as a flood, or while the server is killed: what each was told is true."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest

from tests.faults.cases import case
from tests.faults.floors import bare_floor
from tests.faults.product import Product, Stage
from tests.faults.sizes import sizes
from tests.faults.tracking import Ledger, counted, events_of, flood, stream
from tests.faults.verdicts import Verdicts
from tests.faults.watching import watching
from tests.waiting import wait_until

MEGABYTE = 1_000_000
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
    port, events, machine = product.web.port, events_of(stage), bare_floor()
    # Once everything was used, what is held further is growth.
    warm = stream(port, events, a_second=size.a_second, seconds=2)
    before = product.web.resident_bytes
    with watching(product) as seen:
        ledger = stream(port, events, a_second=size.a_second, seconds=size.seconds)
    growth = (product.web.resident_bytes - before) / MEGABYTE
    verdicts.only("answers", ledger.statuses(), {202, 429, 503})
    verdicts.at_least("of them 202", ledger.share(202), 0.95)
    verdicts.none("429s and 503s that do not say when to come again", ledger.without_retry_after())
    verdicts.none("202s without a row", ledger.without_a_row(product, stage))
    for share, limit in ((0.5, P50_MILLISECONDS), (0.99, P99_MILLISECONDS)):
        taken = ledger.milliseconds(share)
        verdicts.at_most(f"p{share * 100:.0f} of the answers", taken, limit, "ms", machine)
    verdicts.at_most("the web process grew by", growth, 50, "MB")
    verdicts.at_most("what was tracked waited at most", seen.lag, 10, "s")
    seen.told(verdicts)
    sent = len(warm.accepted()) + len(ledger.accepted())
    wait_until(lambda: counted(product, stage) == sent)
    verdicts.holds("each counted once in the analytics", True, sent)


@dataclass(frozen=True)
class Flood:
    people: int
    at_once: int
    in_all: int
    # And so many that cannot be taken in, whoever sends them.
    bad: int
    # So long after it all is as before.
    rest_seconds: float


@case("A02")
@sizes(Flood(5, 100, 600, 40, 4), Flood(20, 400, 5_000, 400, 10))
def test_a_flood_is_answered_in_time(product: Product, size: Flood, verdicts: Verdicts) -> None:
    """Good ones, then bad ones as well: whatever was refused is told to the project's owners."""
    stage = product.settle(people=size.people)
    port, events, machine = product.web.port, events_of(stage), bare_floor()
    with watching(product) as seen:
        ledger = flood(port, events, at_once=size.at_once, in_all=size.in_all)
        bad = flood(port, events_of(stage, kind=TOO_LONG), at_once=10, in_all=size.bad)
        time.sleep(size.rest_seconds)
        after = stream(port, events, a_second=20, seconds=3)
    verdicts.only("answers", ledger.statuses(), {202, 429, 503})
    verdicts.at_least("of them 202", ledger.share(202), 0.25)
    verdicts.none("429s and 503s that do not say when to come again", ledger.without_retry_after())
    verdicts.at_most("slowest answer", ledger.milliseconds(1) / 1000, 10, "s", machine)
    verdicts.none("202s without a row", ledger.without_a_row(product, stage))
    verdicts.none("rows of what was refused", ledger.refused_with_a_row(product, stage))
    verdicts.only("answers to bad ones", bad.statuses(), {422})
    verdicts.none("refused otherwise than the owners are told", astray(product, stage, ledger, bad, after))
    verdicts.only("answers a little later", after.statuses(), {202})
    verdicts.at_most(
        f"p99 {size.rest_seconds:.0f} s later", after.milliseconds(0.99), P99_MILLISECONDS, "ms", machine
    )
    seen.told(verdicts)


# What a server counted is told by then (keeper.py).
TOLD_SECONDS = 10
# More characters than a kind may have.
TOO_LONG = "k" * 1_000


def astray(product: Product, stage: Stage, *ledgers: Ledger) -> list[tuple[str, int]]:
    """For which reasons the owners are told of fewer refusals, or of more, than there were; and how many.

    Whoever could not be looked up, since every connection was taken, is not known: so a 503 may be untold.
    """
    statuses = sum((ledger.statuses() for ledger in ledgers), Counter[int]())
    least = Counter({"too-large": statuses[422], "rate-limit": statuses[429]})
    most = least + Counter({"unavailable": statuses[503]})
    sql = "select reason, sum(times)::int from intake_refusals where project_id::text = any(%s) group by 1"

    def told() -> Counter[str]:
        return Counter(dict(product.ask(sql, stage.projects)))

    with suppress(AssertionError):
        wait_until(lambda: told() >= least, TOLD_SECONDS)
    found = told()
    return list(((least - found) + (found - most)).items())


@dataclass(frozen=True)
class Kills:
    a_second: float
    seconds: float
    kills: int


@case("A03")
@sizes(Kills(15, 6, 1), Kills(50, 60, 5))
def test_a_killed_web_process_loses_nothing_it_acknowledged(
    product: Product, size: Kills, verdicts: Verdicts
) -> None:
    """SIGKILL of the web process at random under load."""
    stage = product.settle(people=4)
    port = product.web.port
    with watching(product) as seen, ThreadPoolExecutor(1) as clients:
        sending = clients.submit(stream, port, events_of(stage), a_second=size.a_second, seconds=size.seconds)
        for _ in range(size.kills):
            time.sleep(random.uniform(0.3, 0.7) * size.seconds / size.kills)
            product.processes.pop().kill()
            product.serve(port=port)
        ledger = sending.result()
    verdicts.at_least("events accepted", len(ledger.accepted()), 20)
    verdicts.none("202s without a row", ledger.without_a_row(product, stage))
    verdicts.only("answers (0: none)", ledger.statuses(), {0, 202, 503})
    seen.told(verdicts)
