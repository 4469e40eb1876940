"""A migration waits for no lock for long, is taken back whole, and is the only one that runs."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL
from django.db.migrations.operations.base import Operation

from sessions_app.db import migrating
from sessions_app.db.migrating import StillLocked, migrate_patiently
from tests.db.tools import connect
from tests.scratch import scratch

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


def test_a_database_of_another_encoding_is_refused_untouched(database: None) -> None:
    with scratch("template0 encoding 'SQL_ASCII' locale 'C'") as owner:
        with pytest.raises(CommandError, match=r"test_scratch_\w+ keeps text as SQL_ASCII"):
            call_command("migrate", verbosity=0)
        assert owner.introspection.table_names() == []


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


def test_a_session_that_was_lost_in_between_is_told(database: None) -> None:
    """With it went the lock; the new one is not taken for it."""
    owner = connections["owner"]

    def lose_it() -> None:
        owner.close()
        with owner.cursor() as cursor:
            cursor.execute("set lock_timeout = '7s'")

    with pytest.raises(OperationalError, match="was lost while it migrated"):
        migrate_patiently(owner, lose_it, seconds=30, on_pause=pytest.fail)
    assert owner.connection is None


def test_what_cannot_be_taken_back_can_be_done_again() -> None:
    """A migration without a transaction is begun anew after a lock it could not have."""
    for key, migration in MigrationLoader(None).disk_migrations.items():
        if key[0] != "sessions_app" or migration.atomic:
            continue
        made = [sql for step in migration.operations for sql in statements_of(step)]
        assert made, f"{key}: what it does is not told in SQL"
        for sql in made:
            assert re.search(r"\b(if (not )?exists|or replace)\b", sql, re.IGNORECASE), f"{key}: {sql}"


def statements_of(step: Operation) -> list[str]:
    """The statements that make something or drop it; none of a step that is not written in SQL."""
    texts = step.sql if isinstance(step, RunSQL) else []
    found = [each for text in texts for each in str(text).split(";")]
    return [each.strip() for each in found if re.search(r"\b(create|add|drop)\b", each, re.IGNORECASE)]


def test_two_at_once_are_one_after_the_other(database: None) -> None:
    """The command says what it waited for, and fails; whoever was first is not disturbed."""
    with connect("owner") as first:
        first.execute("select pg_advisory_lock(%s)", [migrating._MIGRATES])
        with pytest.raises(CommandError, match="Nothing is half done"):
            call_command("migrate", wait=0, verbosity=0, skip_checks=True)
        first.execute("select pg_advisory_unlock(%s)", [migrating._MIGRATES])
        call_command("migrate", wait=0, verbosity=0, skip_checks=True)
