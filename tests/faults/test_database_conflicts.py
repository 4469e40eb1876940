"""D06: the database breaks transactions off for another's sake; what is told as done is done, and whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sessions_app.embedded.roles import SUPERUSER
from tests.faults.cases import case
from tests.faults.load import Load, load, request
from tests.faults.product import Product, Stage
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts
from tests.faults.watching import deadlocks
from tests.waiting import wait_until

# As db/retry.py has it.
MOST_TRIES = 4
# So many that chance decides nothing.
FEWEST_TRIES = 60

# Breaks off what writes a message of this project, at the statement or only at the commit. What a sequence
# counted is not rolled back: it knows of every try, by the one trigger that each meets.
_BREAKS = """
create sequence faults_tries;
grant usage on sequence faults_tries to public;
create function faults_break() returns trigger language plpgsql as $$
begin
  if tg_when = 'BEFORE' then
    perform nextval('faults_tries');
  end if;
  if random() < tg_argv[0]::float then
    raise exception 'provoked' using errcode = 'serialization_failure';
  end if;
  return new;
end $$;
create trigger faults_at_once before insert on messages
  for each row when (new.project_id = '{project}') execute function faults_break('{share}');
create constraint trigger faults_at_commit after insert on messages deferrable initially deferred
  for each row when (new.project_id = '{project}') execute function faults_break('{share}');
"""
_TRIES = "select case when is_called then last_value else 0 end from faults_tries"
_BREAKS_NO_MORE = """
drop trigger faults_at_once on messages;
drop trigger faults_at_commit on messages;
drop function faults_break();
drop sequence faults_tries;
"""


@contextmanager
def breaking(product: Product, stage: Stage, share: float) -> Iterator[Callable[[], int]]:
    """Break off this share of the transactions that post, twice over, while the block runs.

    Yields what tells how many tries there were.
    """
    with product.oracle(SUPERUSER) as other:
        other.execute(_BREAKS.format(project=stage.projects[0], share=share))
        try:
            yield lambda: other.execute(_TRIES).fetchall()[0][0]
        finally:
            other.execute(_BREAKS_NO_MORE)


def no_half(verdicts: Verdicts, what: str, product: Product, used: Load) -> None:
    """What must hold whatever was provoked."""
    verdicts.only(f"{what}: answers", used.statuses(), {200, 302, 409, 503})
    verdicts.none(f"{what}: 503 without Retry-After", used.without_a_hint())
    verdicts.none(f"{what}: acknowledged and lost", used.lost(product))
    verdicts.none(
        f"{what}: refused and there, or half", used.refused_and_there(product) + used.half_done(product)
    )


@case("D06")
@sizes(3.0, 60.0)
def test_serialization_failures(product: Product, size: float, verdicts: Verdicts) -> None:
    """At the statement and at the commit; a few are tried again unseen, one that always fails is told."""
    stage = product.settle(people=4)
    with breaking(product, stage, 0.3) as count:
        with load(stage) as used:
            time.sleep(size)
            wait_until(lambda: count() >= FEWEST_TRIES, 60)
        tries = count()
    posted = used.statuses()[302]
    refused = sum(1 for each in used.requests if each.text and each.status == 503)
    no_half(verdicts, "40001", product, used)
    verdicts.at_least("40001: tries of all that was posted or refused", tries, posted + refused + 1)
    # Half of the tries break off: of four in a row every fifteenth, without a second one every other.
    verdicts.at_most("40001: share of posts that were refused", refused / (posted + refused), 0.3)
    with breaking(product, stage, 1.0) as count:
        never = request(stage.people[0], stage.path("messages/"), "never")
        tries = count()
    verdicts.only("40001 for ever: answer", [never.status], {503})
    verdicts.only("40001 for ever: tries", [tries], {MOST_TRIES})


@case("D06")
@sizes(4.0, 60.0)
def test_deadlocks(product: Product, size: float, verdicts: Verdicts) -> None:
    """Somebody takes the project before the membership: the other way round than the product."""
    stage = product.settle(people=4)
    ended = threading.Event()
    before = deadlocks(product)

    def cross() -> None:
        with product.oracle(SUPERUSER) as other:
            # Who waits for so long looks whether it is a deadlock, and is the one to go: ours.
            other.execute("set deadlock_timeout = '20s'")
            while not ended.is_set():
                with other.transaction():
                    other.execute(
                        "select from project_counters where project_id::text = %s for update", stage.projects
                    )
                    time.sleep(0.1)
                    other.execute(
                        "select from memberships where project_id::text = %s for update", stage.projects
                    )
                ended.wait(0.2)

    crossing = threading.Thread(target=cross, daemon=True)
    with load(stage) as used:
        crossing.start()
        time.sleep(size)
        ended.set()
        crossing.join(30)
    no_half(verdicts, "40P01", product, used)
    verdicts.at_least("40P01: deadlocks provoked", deadlocks(product) - before, 1)
    verdicts.at_most("40P01: slowest answer", used.slowest(), 10, "s")


@case("D06")
@sizes(1, 10)
def test_lock_timeouts(product: Product, size: int, verdicts: Verdicts) -> None:
    """The project's row held for longer than anybody waits for a lock."""
    stage = product.settle(people=4)
    with load(stage) as used, product.oracle(SUPERUSER) as other:
        for _ in range(size):
            with other.transaction():
                other.execute(
                    "select from project_counters where project_id::text = %s for update", stage.projects
                )
                time.sleep(5)
            time.sleep(0.5)
    no_half(verdicts, "55P03", product, used)
    verdicts.at_least("55P03: 503s, it was held", used.statuses()[503], 1)
