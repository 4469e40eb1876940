"""D: the line to the database is silent, torn or slow; nothing breaks, and it recovers by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.faults.cases import case
from tests.faults.conftest import running_behind_proxy
from tests.faults.load import bare, load, newcomers, until_works
from tests.faults.product import Product
from tests.faults.proxy import Proxy
from tests.faults.sizes import sizes
from tests.faults.verdicts import Floor, Verdicts

STATIC = "/static/css/tokens.css"
# What a quiet machine with two cores needs for /livez, at most.
QUIET_SECONDS = 0.05
RECOVERY_SECONDS = 10.0
# A statement's own limit is 15 s; a server that is silent is waited for two seconds more.
ANSWER_SECONDS = 17.0
WORKS = "select max(last_heartbeat) > now() - interval '6 s' from procrastinate_workers"


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[Product, Proxy]]:
    """The product, and what its line to the database goes through."""
    with running_behind_proxy() as behind:
        yield behind


@case("D01")
@sizes(5.0, 45.0)
def test_the_line_falls_silent(line: tuple[Product, Proxy], size: float, verdicts: Verdicts) -> None:
    """No reset, no word. Whoever asks is told in time; everything goes on when the line is back."""
    product, proxy = line
    stage = product.settle(people=4)
    with load(stage) as used:
        time.sleep(1)
        began = time.monotonic()
        proxy.hush()
        with newcomers(stage) as asked:
            beside = []
            while time.monotonic() - began < size:
                beside += [bare(product.web.port), bare(product.web.port, STATIC)]
                time.sleep(0.3)
        proxy.mend()
        mended = time.monotonic()
        recovered = until_works(stage)
        time.sleep(1)
    machine = Floor(max(seconds for _, seconds in beside), QUIET_SECONDS)
    # The first ones were on their way when the silence began.
    told = [each.seconds for each in asked.requests if each.sent > began + 1]
    verdicts.only("silence: answers", used.statuses() + asked.statuses(), {200, 302, 503})
    verdicts.none("silence: 503 without Retry-After", used.without_a_hint() + asked.without_a_hint())
    verdicts.at_most("silence: a new request is told within", max(told), 3, "s", machine)
    verdicts.at_most("silence: one under way is told within", used.slowest(), ANSWER_SECONDS + 3, "s")
    verdicts.only("silence: /livez and static", [status for status, _ in beside], {200})
    verdicts.none("silence: acknowledged and lost", used.lost(product))
    verdicts.none("silence: half done", used.half_done(product))
    verdicts.at_most("silence: pages answer again", recovered - mended, RECOVERY_SECONDS, "s")
    verdicts.at_most("silence: the worker works again", worker_works(product) - mended, RECOVERY_SECONDS, "s")


@dataclass(frozen=True)
class Tears:
    seconds: float
    people: int


@case("D01")
@sizes(Tears(5.0, 4), Tears(60.0, 10))
def test_the_line_is_torn_again_and_again(
    line: tuple[Product, Proxy], size: Tears, verdicts: Verdicts
) -> None:
    """Every connection reset, in the middle of whatever it does: never a 500, nothing half written."""
    product, proxy = line
    stage = product.settle(people=size.people)
    with load(stage, pause=0.01) as used:
        until = time.monotonic() + size.seconds
        while time.monotonic() < until:
            time.sleep(0.23)
            proxy.reset()
        recovered = until_works(stage) - until
    verdicts.only("resets: answers", used.statuses(), {200, 302, 503})
    verdicts.at_least("resets: 503s, they were felt", used.statuses()[503], 1)
    verdicts.none("resets: 503 without Retry-After", used.without_a_hint())
    verdicts.none("resets: acknowledged and lost", used.lost(product))
    verdicts.none("resets: half done", used.half_done(product))
    verdicts.at_most("resets: pages answer again", recovered, RECOVERY_SECONDS, "s")


@case("D01")
@sizes(4.0, 60.0)
def test_the_line_is_slow(line: tuple[Product, Proxy], size: float, verdicts: Verdicts) -> None:
    """Each packet 50 to 200 ms late: everything still answers."""
    product, proxy = line
    stage = product.settle(people=2)
    proxy.slow(0.05, 0.2)
    with load(stage) as used:
        time.sleep(size)
    proxy.mend()
    verdicts.only("jitter: answers", used.statuses(), {200, 302})
    verdicts.at_least("jitter: answers in all", len(used.requests), 4)
    verdicts.none("jitter: acknowledged and lost", used.lost(product))
    verdicts.none("jitter: half done", used.half_done(product))


def worker_works(product: Product) -> float:
    """When (monotonic) a worker gives signs of life again."""
    until = time.monotonic() + 60
    while product.ask(WORKS) != [(True,)] and time.monotonic() < until:
        time.sleep(0.2)
    return time.monotonic()
