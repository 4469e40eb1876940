"""What an oracle sees while others use the product: late work, locks, and transactions that are forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from sessions_app.embedded.roles import SUPERUSER
from tests.faults.product import Process, Product
from tests.faults.verdicts import Verdicts

LOOK_EVERY_SECONDS = 0.1
IDLE_MOST_SECONDS = 10

# By the clock of each sample: a transaction's own now() stands still, this connection has none open.
_IDLE = """
select coalesce(max(extract(epoch from now() - state_change)), 0)::float from pg_stat_activity
where state like 'idle in transaction%' and application_name like 'leftoff %'
"""
_LAG = """
select coalesce(extract(epoch from now() - min(received_at)), 0)::float
from tracked_activities where digested_at is null
"""
# Each process of ours is there by its pid.
_WAITS = """
select application_name, pid, query_start from pg_stat_activity
where application_name like 'leftoff %' and wait_event_type = 'Lock'
"""


@dataclass
class Seen:
    """The longest of each, in seconds; and the statements that waited for a lock."""

    lag: float = 0.0
    idle_in_transaction: float = 0.0
    # The process of ours, its connection, and since when.
    waits: set[tuple[object, ...]] = field(default_factory=set)

    def waits_beside(self, process: Process) -> int:
        """How many statements of other processes than this one waited."""
        return sum(1 for name, *_ in self.waits if name != _name_of(process))

    def told(self, verdicts: Verdicts) -> None:
        """No case leaves a transaction open with nothing to do in it."""
        verdicts.at_most("idle in a transaction, longest", self.idle_in_transaction, IDLE_MOST_SECONDS, "s")


@contextmanager
def watching(product: Product) -> Iterator[Seen]:
    """Look again and again while the block runs, and once more at its end."""
    seen, is_over = Seen(), threading.Event()

    def look() -> None:
        # Nobody else is shown what other roles' connections do.
        with product.oracle(SUPERUSER) as oracle:
            while True:
                is_last = is_over.wait(LOOK_EVERY_SECONDS)
                seen.lag = max(seen.lag, _number(oracle, _LAG))
                seen.idle_in_transaction = max(seen.idle_in_transaction, _number(oracle, _IDLE))
                seen.waits |= _waits(oracle)
                if is_last:
                    return

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield seen
    finally:
        is_over.set()
        watch.join(20)


def held_up(product: Product, process: Process) -> int:
    """How many statements of this process wait for a lock just now."""
    with product.oracle(SUPERUSER) as oracle:
        return sum(1 for name, *_ in _waits(oracle) if name == _name_of(process))


def deadlocks(product: Product) -> int:
    """How many there were so far, by the database's log: what it counts it tells late."""
    return (product.data_dir / "postgres.log").read_text(errors="replace").count("deadlock detected")


def _name_of(process: Process) -> str:
    return f"leftoff {process.popen.pid}"


def _waits(oracle: psycopg.Connection[Any]) -> set[tuple[object, ...]]:
    return set(oracle.execute(_WAITS).fetchall())


def _number(oracle: psycopg.Connection[Any], sql: str) -> float:
    row = oracle.execute(sql).fetchone()
    assert row
    return float(row[0])
