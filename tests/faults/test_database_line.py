"""D: the line to the database is silent, torn or slow; nothing breaks, and it recovers by itself."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sessions_app import embedded
from tests.faults.cases import case
from tests.faults.conftest import running_behind_proxy
from tests.faults.floors import bare_floor
from tests.faults.load import bare, load, newcomers, request, until_works
from tests.faults.product import Person, Product, Stage
from tests.faults.proxy import Proxy
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts
from tests.faults.watching import held_up
from tests.waiting import wait_until

STATIC = "/static/css/tokens.css"
RECOVERY_SECONDS = 10.0
# What the pool takes to find that the line is silent.
POOL_SECONDS = 3
# A statement's own limit is 15 s; a server that is silent is waited for two seconds more. Whoever was in a
# transaction asks the pool for another connection at its end.
SILENCE_SECONDS = 17 + POOL_SECONDS
FOLDED = "select from tracked_activities where event_id::text = %s and digested_at is not null"


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[Product, Proxy]]:
    """The product, and what its line to the database goes through."""
    with running_behind_proxy() as behind:
        yield behind


@case("D01")
def test_a_pool_of_silent_connections_is_told_in_time(
    line: tuple[Product, Proxy], verdicts: Verdicts
) -> None:
    """Each of them is tried before it is given up; nobody waits for all of them."""
    product, proxy = line
    stage, machine = product.settle(people=5), bare_floor()
    with load(stage), product.oracle(embedded.OWNER) as owner, owner.transaction():
        # Everybody waits with a connection of their own, and gives it back.
        owner.execute("lock table projects in access exclusive mode")
        time.sleep(0.7)
        held = held_up(product, product.web)
    # All of them are in the pool again by now.
    time.sleep(0.3)
    verdicts.at_least("silent pool: connections in it", held, 4)
    browser = stage.people[0].at(product.web.port)
    proxy.hush()
    told = request(browser, stage.path(""))
    proxy.mend()
    until_works(stage)
    browser.close()
    verdicts.only("silent pool: answer", [told.status], {503})
    verdicts.at_most("silent pool: told within", told.seconds, POOL_SECONDS, "s", machine)


@case("D01")
@sizes(5.0, 45.0)
def test_the_line_falls_silent(line: tuple[Product, Proxy], size: float, verdicts: Verdicts) -> None:
    """No reset, no word. Whoever asks is told in time; everything goes on when the line is back."""
    product, proxy = line
    stage, machine = product.settle(people=5), bare_floor()
    teller = stage.people.pop()
    assert teller.get("/profile/")[0] == 200
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
        worked = folded_by_the_worker(product, stage, teller)
    # The first ones were on their way when the silence began.
    told = [each.seconds for each in asked.requests if each.sent > began + 1]
    verdicts.only("silence: answers", used.statuses() + asked.statuses(), {200, 302, 503})
    verdicts.none("silence: 503 without Retry-After", used.without_a_hint() + asked.without_a_hint())
    verdicts.at_most("silence: a new request is told within", max(told), POOL_SECONDS, "s", machine)
    verdicts.at_most("silence: one under way is told within", used.slowest(), SILENCE_SECONDS, "s")
    verdicts.only("silence: /livez and static", [status for status, _ in beside], {200})
    verdicts.at_most("silence: slowest of them", max(seconds for _, seconds in beside), 1, "s", machine)
    verdicts.none("silence: acknowledged and lost", used.lost(product))
    verdicts.none("silence: half done", used.half_done(product))
    verdicts.at_most("silence: pages answer again", recovered - mended, RECOVERY_SECONDS, "s")
    verdicts.at_most("silence: the worker works again", worked - mended, RECOVERY_SECONDS, "s")


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


def folded_by_the_worker(product: Product, stage: Stage, teller: Person) -> float:
    """When (monotonic) the worker has folded what somebody tells only now, who opens no page meanwhile."""
    event = str(uuid.uuid4())
    told = {"event_id": event, "kind": "typed"}
    wait_until(lambda: teller.post(stage.path("activity/"), told)[0] == 202, 60)
    wait_until(lambda: product.ask(FOLDED, event), 60)
    return time.monotonic()
