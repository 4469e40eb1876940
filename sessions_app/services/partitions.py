"""The tables that are kept by months: partitions are made ahead, and go whole when they are past their age.

What may be made and dropped, and when, is judged by sql/functions/partitions_v1.sql.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import OperationalError, connection

from sessions_app.db.migrating import LOCK_NOT_AVAILABLE
from sessions_app.db.retry import RETRIED_STATES, sqlstate
from sessions_app.db.rls import acting_as_admin


def make_ahead(now: dt.datetime) -> int:
    """Make the partitions that are missing of this month and the next three; returns how many.

    While others hold a table for longer than a moment none is made: the next run finds them missing again.
    """
    return len(_unless_locked("select make_partitions(%s)", now))


def drop_old(table: str, before: dt.datetime, *, reports_kept: int) -> Iterator[int]:
    """Drop the table's months that ended by `before` if nothing in them is needed; yields the rows of each.

    `reports_kept`: so many of a project's newest reports are needed, however old. A month that others hold
    for longer than a moment stays for the next run.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select name from partitions_kept() where parent = %s and until <= %s order by until",
            [table, before],
        )
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        for (rows,) in _unless_locked("select drop_partition(%s, %s, %s)", name, before, reports_kept):
            # None: it stays. Nothing: it was empty.
            if rows:
                yield rows


def _unless_locked(statement: str, *parameters: str | int | dt.datetime) -> list[tuple[Any, ...]]:
    """What a statement of the admin returns; no rows when others hold what it needs."""
    try:
        with acting_as_admin(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())
    except OperationalError as error:
        if sqlstate(error) not in (LOCK_NOT_AVAILABLE, *RETRIED_STATES):
            raise
        return []
