"""Migration operations."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

SQL_DIR = Path(__file__).resolve().parent.parent / "sql"


class RunSQLFile(migrations.RunSQL):
    """Run `sql/<name>.sql`; backward, `sql/<name>.down.sql`.

    A file that has shipped is never edited: a change is a new version of the file (`_v2`) and a new
    migration, so that a database built today and one built long ago end up the same.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        # Lists, so that Django hands each file over whole instead of splitting function bodies.
        super().__init__(sql=[_read(f"{name}.sql")], reverse_sql=[_read(f"{name}.down.sql")])

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        return self.__class__.__name__, [self.name], {}

    def describe(self) -> str:
        return f"Run {self.name}.sql"


def index_beside_writes(model: str, on: str, index: models.Index) -> migrations.RunSQL:
    """An index built while others write; what a try left half built, which is of no use, goes first.

    `on` is the table with what PostgreSQL is told of it. Only `beside_writes`.
    """
    drop = f"drop index concurrently if exists {index.name}"
    return migrations.RunSQL(
        sql=[drop, f"create index concurrently if not exists {index.name} on {on}"],
        reverse_sql=[drop],
        state_operations=[migrations.AddIndex(model_name=model, index=index)],
    )


def beside_writes(*steps: Operation) -> list[Operation]:
    """The operations of a migration without a transaction (`atomic = False`): broken off, it is run again.

    Each waits for others, who do not wait for it: a minute, so that it ends where one of them never does.
    """
    return [
        _forward_only(
            "select set_config('growth.lock_timeout', current_setting('lock_timeout'), false)",
            "set lock_timeout = '60s'",
        ),
        *steps,
        _forward_only("select set_config('lock_timeout', current_setting('growth.lock_timeout'), false)"),
    ]


def _forward_only(*statements: str) -> migrations.RunSQL:
    return migrations.RunSQL(sql=list(statements), reverse_sql=migrations.RunSQL.noop)


def _read(name: str) -> str:
    return (SQL_DIR / name).read_text(encoding="utf-8")
