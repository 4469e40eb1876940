"""How many rows each statement touches, by PostgreSQL's own counters, with all that its functions ask inside.

They count in the session's own memory, so the difference over a statement is what it did and nothing else:
also in functions that hide their plans, in triggers and in policies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

# To read all of a table with fewer rows is what a good plan may do: it is not counted.
FEW_ROWS = 1_000
# Rows that scans of whole tables gave, and entries that scans of their indexes gave, of each table.
_COUNTED = """
select t.relname,
  case when t.reltuples >= %s then pg_stat_get_xact_tuples_returned(t.oid) else 0 end,
  coalesce(sum(pg_stat_get_xact_tuples_returned(i.indexrelid)), 0)::bigint
from pg_class t
left join pg_index i on i.indrelid = t.oid
where t.relnamespace = 'public'::regnamespace and t.relkind = 'r'
group by t.oid, t.relname, t.reltuples
"""
_SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass(frozen=True)
class Statement:
    """What one statement touched."""

    # What was asked for: a page, an operation, a job.
    asked: str
    sql: str
    # Rows read by scanning whole tables that are not small, and entries of indexes, by table.
    scanned: dict[str, int]
    by_index: dict[str, int]
    # How PostgreSQL would carry it out: filled in where it touches many.
    plan: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(self.scanned.values()) + sum(self.by_index.values())

    def __str__(self) -> str:
        most = sorted((self.scanned | self.by_index).items(), key=lambda each: -each[1])[:5]
        told = ", ".join(f"{table} {rows:,}" for table, rows in most)
        plan = "".join(f"\n      {line}" for line in self.plan)
        return f"{self.asked}: {self.rows:,} rows ({told}): {' '.join(self.sql.split())[:400]}{plan}"


class Watch:
    """Every statement of the run-time connection while it is `on`, with what it touched."""

    def __init__(self, many_rows: int) -> None:
        self.statements: list[Statement] = []
        self._many_rows = many_rows
        self._asked = ""
        # What was counted at the end of the last statement, where nothing came after it.
        self._last: dict[str, tuple[int, int]] | None = None

    @contextmanager
    def on(self, asked: str) -> Iterator[None]:
        """Watch what is asked inside, under this name, in one transaction that is taken back."""
        self._asked, self._last = asked, None
        with transaction.atomic():
            with connection.execute_wrapper(self._watched):
                yield
            transaction.set_rollback(True)

    def _watched(
        self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if sql.startswith(_SAVEPOINTS):
            return execute(sql, parameters, many, context)
        before = self._last or _counted()
        result = execute(sql, parameters, many, context)
        self._last = after = _counted()
        scanned, by_index = (
            {table: row[n] - before[table][n] for table, row in after.items() if row[n] > before[table][n]}
            for n in (0, 1)
        )
        statement = Statement(self._asked, sql, scanned, by_index)
        if statement.rows > self._many_rows:
            statement.plan.extend(_plan(sql, parameters))
            self._last = None
        self.statements.append(statement)
        return result


def _counted() -> dict[str, tuple[int, int]]:
    with connection.create_cursor() as cursor:
        cursor.execute(_COUNTED, [FEW_ROWS])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _plan(sql: str, parameters: Any) -> list[str]:
    """The plan in short: which scans, over what, expecting how much. Not of what cannot be explained."""
    if not sql.lstrip(" (\n").lower().startswith(("select", "with", "insert", "update", "delete", "--")):
        return []
    with connection.create_cursor() as cursor:
        cursor.execute("savepoint explained")
        cursor.execute(f"explain (analyze, buffers, format json) {sql}", parameters)
        found = cursor.fetchone()[0]
        cursor.execute("rollback to savepoint explained")
    [top] = json.loads(found) if isinstance(found, str) else found
    return list(_scans(top["Plan"]))


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if "Scan" in node["Node Type"]:
        name = node.get("Index Name") or node.get("Relation Name") or node.get("Function Name") or ""
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        rows, loops = node["Actual Rows"], node["Actual Loops"]
        buffers = node["Shared Hit Blocks"] + node["Shared Read Blocks"]
        cost = f"{rows:,} rows x {loops:,}, {removed:,} removed, {buffers:,} buffers"
        yield f"{node['Node Type']} {name}: {cost}"
    for child in node.get("Plans", []):
        yield from _scans(child)
