"""A migration that was broken off can be run again, and it takes tables in their order: there and back."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import call_command
from django.db import connections

from tests.migrations.heavy import APP, names

pytestmark = pytest.mark.migrations

# Those before have shipped.
SHIPPED = 25
# In the order in which requests take them, of each one that begins or goes on with a session.
IN_ORDER = ["memberships", "project_counters", "user_sessions", "session_analytics"]

_CONCURRENTLY = re.compile(r"\b(create|drop) (?:unique )?index concurrently (?:if (?:not )?exists )?(\w+)")
# Statements that keep everybody, or at least all who write, from a table.
_LOCKING = re.compile(
    r"\b(?:alter table|lock table|truncate|drop table) (?:if exists |only )*(\w+)"
    r"|\b(?:create|drop) (?:or replace |constraint )*(?:trigger|policy) [^;]*? on (\w+)"
)
_FUNCTION_BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)

NEW = pytest.mark.parametrize("name", [name for name in names() if int(name[:4]) > SHIPPED])
WAY = pytest.mark.parametrize("backwards", [False, True], ids=["there", "back"])


@pytest.fixture
def statements(
    name: str, backwards: bool, database_ready: None, django_db_blocker: pytest.FixtureRequest
) -> str:
    """All that a migration runs, in one line, without comments and what only functions do."""
    said = io.StringIO()
    with django_db_blocker.unblock():
        call_command("sqlmigrate", APP, name, database="owner", backwards=backwards, stdout=said)
        connections.close_all()
    plain = _FUNCTION_BODY.sub("", re.sub(r"--[^\n]*", "", said.getvalue().lower().replace('"', "")))
    return " ".join(plain.split())


def left_half_built(sql: str) -> list[str]:
    """Indexes that a second try would find there, of no use, and keep: none went before it is made."""
    gone, kept = set[str](), []
    for verb, index in _CONCURRENTLY.findall(sql):
        if verb == "drop":
            gone.add(index)
        elif index not in gone:
            kept.append(index)
    return kept


def locked(sql: str) -> list[str]:
    """Which of the tables are locked, each where it is first."""
    return list(
        dict.fromkeys(one or other for one, other in _LOCKING.findall(sql) if (one or other) in IN_ORDER)
    )


@WAY
@NEW
def test_no_index_is_left_half_built(statements: str) -> None:
    assert left_half_built(statements) == []


@WAY
@NEW
def test_tables_are_taken_in_the_order_of_requests(statements: str) -> None:
    """Otherwise a request that holds one waits for the migration, which waits for that request."""
    tables = locked(statements)
    assert tables == sorted(tables, key=IN_ORDER.index)
