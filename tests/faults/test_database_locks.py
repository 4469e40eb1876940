"""D: what the product needs is locked by others; whoever asks is told in time, and nothing is half done."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sessions_app.embedded.roles import SUPERUSER
from tests.faults.cases import case
from tests.faults.load import bare, load, newcomers, until_works
from tests.faults.product import Product
from tests.faults.sizes import sizes
from tests.faults.verdicts import Floor, Verdicts

STATIC = "/static/css/tokens.css"
# What a quiet machine with two cores needs for /livez beside all the others, at most.
QUIET_SECONDS = 0.1
LOCK_MEMBERS = "select from memberships where project_id::text = %s for update"


@contextmanager
def holding(product: Product, *statements: tuple[str, list[object]]) -> Iterator[None]:
    """A transaction of somebody else's that holds what these statements lock while the block runs."""
    with product.oracle(SUPERUSER) as other, other.transaction():
        for statement, values in statements:
            other.execute(statement, values or None)
        yield


@dataclass
class Watch:
    """What our connections were seen doing, looked at ten times a second."""

    # Seconds: how long any of ours stood idle in a transaction, at most.
    idle: float = 0.0
    # Statements of the worker's that were seen waiting for a lock: process and moment of each.
    waits: set[tuple[object, ...]] = field(default_factory=set)


@contextmanager
def watching(product: Product) -> Iterator[Watch]:
    """Look at our connections while the block runs."""
    seen, ended = Watch(), threading.Event()

    def watch() -> None:
        with product.oracle(SUPERUSER) as oracle:
            while not ended.wait(0.1):
                idle = oracle.execute(
                    """
                    select coalesce(extract(epoch from max(clock_timestamp() - state_change)), 0)
                    from pg_stat_activity
                    where application_name like 'leftoff %' and state like 'idle in transaction%'
                    """
                ).fetchone()
                assert idle
                seen.idle = max(seen.idle, float(idle[0]))
                seen.waits |= set(
                    oracle.execute(
                        """
                        select pid, query_start from pg_stat_activity
                        where application_name like 'leftoff %%' and wait_event_type = 'Lock'
                          and application_name <> %s
                        """,
                        [f"leftoff {product.web.popen.pid}"],
                    ).fetchall()
                )

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join(10)


@dataclass(frozen=True)
class Crowd:
    people: int
    seconds: float


@case("D03")
@sizes(Crowd(30, 5.0), Crowd(60, 30.0))
def test_every_connection_of_the_pool_is_held(product: Product, size: Crowd, verdicts: Verdicts) -> None:
    """More people than connections, each in a transaction that waits for a lock somebody else holds."""
    stage = product.settle(people=2, projects=2)
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
    machine = Floor(max(seconds for _, seconds in beside), QUIET_SECONDS)
    verdicts.only("pool held: answers", used.statuses() + asked.statuses(), {200, 302, 503})
    verdicts.at_least("pool held: 503s, it was", used.statuses()[503], 10)
    verdicts.none("pool held: 503 without Retry-After", used.without_a_hint() + asked.without_a_hint())
    verdicts.at_most("pool held: a new request is told within", asked.slowest(), 3, "s", machine)
    verdicts.only("pool held: /livez and static", [status for status, _ in beside], {200})
    verdicts.none("pool held: acknowledged and lost", used.lost(product))
    verdicts.none(
        "pool held: refused and there, or half", used.refused_and_there(product) + used.half_done(product)
    )
    verdicts.at_most("pool held: pages answer again", recovered - released, 5, "s", machine)


@case("D05")
@sizes(10.0, 60.0)
def test_a_table_stays_locked(product: Product, size: float, verdicts: Verdicts) -> None:
    """The ledger and the agents' intake: nobody waits long, nobody stands idle, the worker does not hurry."""
    stage = product.settle(people=3)
    project = stage.projects[0]
    with load(stage) as used, watching(product) as seen:
        time.sleep(1)
        product.manage("shell", "-c", _REPORT.format(project=project))
        with holding(product, ("lock table activities, questions in access exclusive mode", [])):
            time.sleep(size)
        released = time.monotonic()
        recovered = until_works(stage)
    folded = until_true(product, "select count(*) > 0 from questions where project_id::text = %s", project)
    machine = Floor(bare(product.web.port)[1], QUIET_SECONDS)
    verdicts.only("table locked: answers", used.statuses(), {200, 302, 503})
    verdicts.at_least("table locked: 503s, it was", used.statuses()[503], 2)
    verdicts.none("table locked: 503 without Retry-After", used.without_a_hint())
    verdicts.at_most("table locked: slowest answer", used.slowest(), 5, "s", machine)
    verdicts.none("table locked: acknowledged and lost", used.lost(product))
    verdicts.none(
        "table locked: refused and there, or half", used.refused_and_there(product) + used.half_done(product)
    )
    verdicts.at_most("table locked: longest idle in transaction", seen.idle, 10, "s")
    verdicts.at_most("table locked: the worker's tries a second", len(seen.waits) / size, 2)
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


def until_true(product: Product, question: str, *values: object) -> float:
    """When (monotonic) the oracle says yes."""
    until = time.monotonic() + 60
    while product.ask(question, *values) != [(True,)] and time.monotonic() < until:
        time.sleep(0.2)
    return time.monotonic()
