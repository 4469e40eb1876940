"""D: what the product needs is locked by others; whoever asks is told in time, and nothing is half done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sessions_app.embedded.roles import SUPERUSER
from tests.faults.cases import case
from tests.faults.floors import bare_floor
from tests.faults.load import bare, load, newcomers, until_works
from tests.faults.product import Product
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts
from tests.faults.watching import watching
from tests.waiting import wait_until

STATIC = "/static/css/tokens.css"
LOCK_MEMBERS = "select from memberships where project_id::text = %s for update"
UNFOLDED = "select from agent_activities where project_id::text = %s and digested_version is null"


@contextmanager
def holding(product: Product, *statements: tuple[str, list[object]]) -> Iterator[None]:
    """A transaction of somebody else's that holds what these statements lock while the block runs."""
    with product.oracle(SUPERUSER) as other, other.transaction():
        for statement, values in statements:
            other.execute(statement, values or None)
        yield


@dataclass(frozen=True)
class Crowd:
    people: int
    seconds: float


@case("D03")
@sizes(Crowd(30, 5.0), Crowd(60, 30.0))
def test_every_connection_of_the_pool_is_held(product: Product, size: Crowd, verdicts: Verdicts) -> None:
    """More people than connections, each in a transaction that waits for a lock somebody else holds."""
    stage, machine = product.settle(people=2, projects=2), bare_floor()
    with load(stage, times=size.people // 2) as used:
        with holding(product, (LOCK_MEMBERS, [stage.projects[0]])):
            began = time.monotonic()
            beside: list[tuple[int, float]] = []
            time.sleep(1)
            with newcomers(stage, project=1) as asked:
                while time.monotonic() - began < size.seconds:
                    beside += [bare(product.web.port), bare(product.web.port, STATIC)]
                    time.sleep(0.2)
        released = time.monotonic()
        recovered = until_works(stage)
    verdicts.only("pool held: answers", used.statuses() + asked.statuses(), {200, 302, 503})
    verdicts.at_least("pool held: 503s, it was", used.statuses()[503], 10)
    verdicts.none("pool held: 503 without Retry-After", used.without_a_hint() + asked.without_a_hint())
    verdicts.at_most("pool held: a new request is told within", asked.slowest(), 3, "s", machine)
    verdicts.only("pool held: /livez and static", [status for status, _ in beside], {200})
    verdicts.at_most("pool held: slowest of them", max(seconds for _, seconds in beside), 1, "s", machine)
    verdicts.none("pool held: acknowledged and lost", used.lost(product))
    verdicts.none(
        "pool held: refused and there, or half", used.refused_and_there(product) + used.half_done(product)
    )
    verdicts.at_most("pool held: pages answer again", recovered - released, 5, "s", machine)


@case("D05")
@sizes(7.0, 60.0)
def test_a_table_stays_locked(product: Product, size: float, verdicts: Verdicts) -> None:
    """The ledger and the agents' intake: nobody waits long, nobody stands idle, the worker does not hurry."""
    stage, machine = product.settle(people=3), bare_floor()
    project = stage.projects[0]
    with load(stage) as used, watching(product) as seen:
        time.sleep(0.5)
        with holding(product, ("lock table activities, questions in access exclusive mode", [])):
            until = time.monotonic() + size
            product.manage("shell", "-c", _REPORT.format(project=project))
            time.sleep(max(0.0, until - time.monotonic()))
            left = product.ask(UNFOLDED, project)
        released = time.monotonic()
        recovered = until_works(stage)
    wait_until(lambda: product.ask("select from questions where project_id::text = %s", project), 60)
    folded = time.monotonic()
    verdicts.only("table locked: answers", used.statuses(), {200, 302, 503})
    verdicts.at_least("table locked: 503s, it was", used.statuses()[503], 2)
    verdicts.none("table locked: 503 without Retry-After", used.without_a_hint())
    verdicts.at_most("table locked: slowest answer", used.slowest(), 5, "s", machine)
    verdicts.none("table locked: acknowledged and lost", used.lost(product))
    verdicts.none(
        "table locked: refused and there, or half", used.refused_and_there(product) + used.half_done(product)
    )
    seen.told(verdicts)
    tries = seen.waits_beside(product.web)
    verdicts.only("table locked: reports that wait", [len(left)], {1})
    verdicts.at_least("table locked: the worker's tries", tries, 1)
    verdicts.at_most("table locked: the worker's tries a second", tries / size, 2)
    verdicts.at_most("table locked: pages answer again", recovered - released, 5, "s", machine)
    verdicts.at_most("table locked: the worker goes on", folded - released, 15, "s")


_REPORT = """
import uuid
from sessions_app.db.rls import acting_as_system
from sessions_app.models import AgentActivity
project = uuid.UUID("{project}")
with acting_as_system([project]):
    AgentActivity.objects.create(
        project_id=project, agent_type="Questioner", action="asks", details={{"question": "Shall we?"}}
    )
"""
