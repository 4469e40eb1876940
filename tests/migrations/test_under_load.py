"""From 0008 on a migration holds up nobody: it locks no table that has rows for longer than a moment.

A step that cannot do without is named in WAIVED with its reason, and told in docs/operations/upgrade.md.
"""

from __future__ import annotations

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.migrations.heavy import heavy, heavy_in_sql, names

# These have shipped: whoever upgrades over them reads in docs/operations/upgrade.md what they cost.
SHIPPED = 7
WAIVED: dict[str, str] = {}


@pytest.mark.parametrize("name", [name for name in names() if int(name[:4]) > SHIPPED])
def test_a_migration_holds_up_nobody(name: str) -> None:
    if name not in WAIVED:
        assert heavy(MigrationLoader(None), name) == []


def test_what_is_too_much_is_seen() -> None:
    """In those that shipped: 0006 writes three tables anew, 0007 makes indexes on tables with rows."""
    loader = MigrationLoader(None)
    assert any("generated column" in each for each in heavy(loader, "0006_search"))
    indexes = heavy(loader, "0007_insight")
    assert any("user_sessions_newest" in each for each in indexes)
    # Tables that a migration makes itself have no rows yet.
    assert not [each for each in indexes if "session_rollups" in each]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("alter table items add column kept text not null default ''", False),
        ("alter table items alter column title type text", True),
        ("alter table items alter column title set not null", True),
        ("create index items_kept on items (kept)", True),
        ("create index concurrently items_kept on items (kept)", False),
        ("create table notes (id int); create index notes_id on notes (id)", False),
        ("alter table items add constraint kept check (kept <> '') not valid", False),
        ("alter table items add constraint kept check (kept <> '')", True),
        ("create function f() returns int language sql as 'select 1'", False),
    ],
)
def test_what_is_too_much_in_sql(sql: str, expected: bool) -> None:
    assert bool(list(heavy_in_sql(sql, set()))) is expected
