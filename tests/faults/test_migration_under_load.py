"""J01: the next release's migration while this one serves, there and back; nobody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import CompletedProcess

from tests.faults.cases import case
from tests.faults.floors import bare_floor
from tests.faults.load import load
from tests.faults.product import Product
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

THERE, BACK = ("migrate",), ("migrate", "next_release", "zero")
COLUMNS = "select count(*) from information_schema.columns where column_name = 'of_next_release'"


def as_next_release(product: Product, *command: str) -> CompletedProcess[str]:
    """A command of the next release, beside this one's server."""
    next_one = Product(
        product.folder, product.more | {"DJANGO_SETTINGS_MODULE": "tests.faults.next_settings"}
    )
    return next_one.manage(*command, check=False)


@contextmanager
def reading(product: Product, seconds: float = 0.0) -> Iterator[None]:
    """Somebody who has read a table and left their transaction open: for so long, or while the block runs."""
    ended, has_read = threading.Event(), threading.Event()

    def read() -> None:
        with product.oracle() as reader, reader.transaction():
            reader.execute("select count(*) from messages")
            has_read.set()
            ended.wait(seconds or None)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert has_read.wait(20)
    try:
        yield
    finally:
        ended.set()
        thread.join(20)


@dataclass(frozen=True)
class Migrations:
    people: int
    wait: int
    rounds: int
    # So long a reader keeps the second try waiting, beyond what its process needs to begin.
    reader: float


@case("J01")
@sizes(Migrations(3, 2, 1, 5), Migrations(6, 20, 3, 8))
def test_a_migration_runs_while_the_product_serves(
    product: Product, size: Migrations, verdicts: Verdicts
) -> None:
    """It gives up while a reader holds a table, can be run again, and waits for one who ends in time."""
    stage, machine = product.settle(people=size.people), bare_floor()
    with load(stage) as used:
        for _ in range(size.rounds):
            with reading(product):
                given_up = as_next_release(product, *THERE, "--wait", str(size.wait))
            there = product.ask(COLUMNS)[0][0]
            with reading(product, seconds=size.reader):
                again = as_next_release(product, *THERE)
            arrived = product.ask(COLUMNS)[0][0]
            back = as_next_release(product, *BACK)
            left = product.ask(COLUMNS)[0][0]
            told = (given_up.returncode, again.returncode, back.returncode)
            verdicts.holds("gives up, runs again, goes back: exit codes 1, 0, 0", told == (1, 0, 0), told)
            verdicts.holds("says why it gave up", "others held a lock" in given_up.stderr)
            verdicts.holds(
                "columns when given up, run, taken back: 0, 3, 0", (there, arrived, left) == (0, 3, 0)
            )
    verdicts.only("answers meanwhile", used.statuses(), {200, 302})
    verdicts.at_most("slowest answer meanwhile", used.slowest(), 1, "s", machine)
    verdicts.none("acknowledged and lost", used.lost(product))
    verdicts.none("half done", used.half_done(product))
