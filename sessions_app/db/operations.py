"""Migration operations."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

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


def _read(name: str) -> str:
    return (SQL_DIR / name).read_text(encoding="utf-8")
