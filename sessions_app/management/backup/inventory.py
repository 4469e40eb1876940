"""What is in a database, or in a dump of one: rows by table."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import IO, Any

import psycopg
from django.core.management.base import CommandError
from psycopg.sql import SQL, Identifier

from sessions_app.management.backup import archive, programs, streams

# Of a partitioned table the partitions: a dump holds their rows, and none of the whole.
TABLES = """
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname
"""
# A message is to be read: it names so many of what is wrong.
NAMED = 5
_BEGIN = re.compile(rb'COPY public\."?(\w+)"? ')
_END = b"\\.\n"


def rows_of_database(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table has, for whoever is connected."""
    count = SQL("select count(*) from public.{}")
    return {
        table: connection.execute(count.format(Identifier(table))).fetchall()[0][0]
        for (table,) in connection.execute(TABLES).fetchall()
    }


def rows_of_dump(file: Path, major: int) -> dict[str, int]:
    """How many rows of each table the dump in a back-up holds, for all of it is read.

    `major`: of the pg_dump that made it. Tables without rows are not named. Raises CommandError when it is
    damaged.
    """
    command: list[str | Path] = [programs.find("pg_restore", major).path, "--data-only", "--file=-"]
    with (
        archive.reading(file) as dump,
        streams.feeding(command, os.environ | {"LC_ALL": "C"}, dump) as script,
    ):
        return _rows_of_script(script)


def require_rows(where: str, found: dict[str, int], told: dict[str, int]) -> None:
    """Raise CommandError when there are other numbers of rows than a manifest tells."""
    wrong = [
        f"{table} ({found.get(table, 0)} instead of {told.get(table, 0)})"
        for table in sorted(found | told)
        if found.get(table, 0) != told.get(table, 0)
    ]
    if wrong:
        raise CommandError(f"{where} does not hold the rows that it should: {some(wrong)}.")


def some(names: list[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _rows_of_script(script: IO[bytes]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in script:
        if begun := _BEGIN.match(line):
            # A line feed in a value is written as "\n": each row is one line.
            rows = sum(1 for _ in iter(script.readline, _END))
            if rows:
                found[begun[1].decode()] = rows
    return found
