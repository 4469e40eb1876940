"""What a migration must not do to a table that has rows: rewrite it, or read all of it, under a lock."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connections, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

APP = "sessions_app"

# Statements in SQL that are fine for an empty table and hold everybody up at one that has rows.
_HEAVY = {
    r"\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b": "changes a column's type",
    r"\balter\s+column\s+\w+\s+set\s+not\s+null\b": "reads the whole table for not null",
    r"\badd\s+column\b[^;]*\bgenerated\s+always\b": "adds a generated column",
    r"\badd\s+column\b[^;]*\bdefault\s+(gen_random_uuid|clock_timestamp|random|nextval)\b": (
        "adds a volatile default"
    ),
    r"\bcreate\s+(unique\s+)?index\s+(?!concurrently)": "makes an index, not concurrently",
    r"\badd\s+constraint\b(?![^;]*\bnot\s+valid\b)(?![^;]*\busing\s+index\b)": (
        "adds a constraint that is checked at once"
    ),
    r"\b(vacuum\s+full|cluster)\b": "writes a table anew",
}


def heavy_in_sql(sql: str, made: set[str]) -> Iterator[str]:
    """What in a piece of SQL is too much, but for tables that are `made` in this very migration."""
    plain = re.sub(r"--[^\n]*", "", sql.lower())
    made = made | set(re.findall(r"\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)", plain))
    for statement in plain.split(";"):
        table = re.search(
            r"\balter\s+table\s+(?:only\s+)?(\w+)|\bon\s+(\w+)\s*(?:using\s+\w+\s*)?\(", statement
        )
        if table and (table[1] or table[2]) in made:
            continue
        for pattern, why in _HEAVY.items():
            if re.search(pattern, statement):
                yield why


def heavy_column(field: models.Field) -> Iterator[str]:
    """What is too much in adding a column to a table that has rows."""
    if isinstance(field, models.GeneratedField):
        yield "adds a generated column"
    if field.db_default is not NOT_PROVIDED and isinstance(field.db_default, models.Func):
        yield "adds a default that may be volatile"
    if field.unique or (field.db_index and not field.many_to_many):
        yield "makes an index with a column; add it with AddIndexConcurrently"


def heavy_in(
    operation: Operation,
    before: ProjectState,
    after: ProjectState,
    made: set[str],
) -> Iterator[str]:
    """What of an operation is too much, in words; `made`: the tables that this migration makes."""
    if isinstance(operation, migrations.RunSQL):
        for sql in operation.sql if isinstance(operation.sql, list) else [operation.sql]:
            yield from heavy_in_sql(sql, made)
        return
    name = getattr(operation, "model_name", "")
    if not name or table_of(after, name) in made:
        return
    if isinstance(operation, migrations.AddField):
        yield from heavy_column(operation.field)
    elif isinstance(operation, migrations.AlterField):
        fields = [state.models[APP, name.lower()].fields[operation.name] for state in (before, after)]
        types = [None if each.is_relation else each.db_type(connections["owner"]) for each in fields]
        if types[0] != types[1] and not wider(*types):
            yield "changes a column's type"
    elif isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        yield "makes an index; take AddIndexConcurrently"
    elif isinstance(operation, migrations.AddConstraint) and not isinstance(operation, AddConstraintNotValid):
        yield "adds a constraint; take AddConstraintNotValid, or an index made concurrently"


def wider(before: str | None, after: str | None) -> bool:
    """Whether a text may only be longer afterwards, for which nothing is read."""
    lengths = [re.fullmatch(r"varchar\((\d+)\)", kind or "") for kind in (before, after)]
    if lengths[0] and after in ("text", "varchar"):
        return True
    return bool(lengths[0] and lengths[1] and int(lengths[0][1]) <= int(lengths[1][1]))


def table_of(state: ProjectState, model: str) -> str:
    return str(state.models[APP, model.lower()].options["db_table"])


def heavy(loader: MigrationLoader, name: str) -> list[str]:
    """All that is too much in a migration of ours."""
    migration = loader.get_migration(APP, name)
    state = loader.project_state((APP, name), at_end=False)
    made: set[str] = set()
    found = []
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(APP, state)
        if isinstance(operation, migrations.CreateModel):
            made.add(table_of(state, operation.name))
        found += [f"{operation.describe()}: {why}" for why in heavy_in(operation, before, state, made)]
    return found


def names() -> list[str]:
    """Our migrations, the first one first."""
    return sorted(name for app, name in MigrationLoader(None).disk_migrations if app == APP)
