"""What an oracle sees while others use the product: how late its work is, and who forgets a transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from sessions_app import embedded
from sessions_app.embedded.roles import SUPERUSER
from tests.faults.product import Product
from tests.faults.verdicts import Verdicts

LOOK_EVERY_SECONDS = 0.2
IDLE_MOST_SECONDS = 10

# By the clock of each sample: a transaction's own now() stands still, this connection has none open.
_IDLE = """
select coalesce(max(extract(epoch from now() - state_change)), 0)::float from pg_stat_activity
where state like 'idle in transaction%%' and datname = %s
"""
_LAG = """
select coalesce(extract(epoch from now() - min(received_at)), 0)::float
from tracked_activities where digested_at is null
"""


@dataclass
class Seen:
    """The longest of each, in seconds."""

    lag: float = 0.0
    idle_in_transaction: float = 0.0

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
                idle = _number(oracle, _IDLE, embedded.DATABASE)
                seen.idle_in_transaction = max(seen.idle_in_transaction, idle)
                if is_last:
                    return

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield seen
    finally:
        is_over.set()
        watch.join(20)


def _number(oracle: psycopg.Connection[tuple[float]], sql: str, *values: object) -> float:
    row = oracle.execute(sql, values or None).fetchone()
    assert row
    return row[0]
