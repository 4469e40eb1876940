"""A migration waits for no lock for long, is taken back whole, and is the only one that runs."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections, transaction

from sessions_app.db import migrating
from sessions_app.db.migrating import StillLocked, migrate_patiently
from tests.db.tools import connect

LOCKS = "lock table items in access exclusive mode"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(migrating, "LOCK_MILLISECONDS", 50)


def locks_items() -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(LOCKS)


def test_it_is_tried_again_until_the_lock_is_free(database: None) -> None:
    said: list[str] = []
    with connect("owner") as other:
        other.execute(f"begin; {LOCKS}")

        def give_way() -> None:
            said.append("again")
            if len(said) == 2:
                other.execute("rollback")

        migrate_patiently(connections["owner"], locks_items, seconds=30, on_pause=give_way)
    assert said == ["again", "again"]


def test_it_gives_up_when_its_time_is_over(database: None) -> None:
    """Afterwards the connection waits for locks as before."""
    with connect("owner") as other:
        other.execute(f"begin; {LOCKS}")
        with pytest.raises(StillLocked):
            migrate_patiently(connections["owner"], locks_items, seconds=0, on_pause=lambda: None)
        other.execute("rollback")
    with connections["owner"].cursor() as cursor:
        cursor.execute("show lock_timeout")
        assert cursor.fetchone()[0] == "5s"


def test_what_is_wrong_with_a_migration_is_not_tried_again(database: None) -> None:
    def wrong() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("alter table no_such_table add column no_column int")

    with pytest.raises(ProgrammingError, match="no_such_table"):
        migrate_patiently(connections["owner"], wrong, seconds=30, on_pause=pytest.fail)


def test_two_at_once_are_one_after_the_other(database: None) -> None:
    """The command says what it waited for, and fails; whoever was first is not disturbed."""
    with connect("owner") as first:
        first.execute("select pg_advisory_lock(%s)", [migrating._MIGRATES])
        with pytest.raises(CommandError, match="Nothing is half done"):
            call_command("migrate", wait=0, verbosity=0, skip_checks=True)
        first.execute("select pg_advisory_unlock(%s)", [migrating._MIGRATES])
        call_command("migrate", wait=0, verbosity=0, skip_checks=True)
