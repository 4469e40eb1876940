"""The tables that are kept by months: partitions are made ahead, and go whole when they are past their age.

What may be made and dropped, and when, is judged by sql/functions/partitions_v1.sql.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import OperationalError, connection

from sessions_app.db.planning import allow_seconds
from sessions_app.db.retry import LOCK_NOT_AVAILABLE, QUERY_CANCELED, RETRIED_STATES, sqlstate
from sessions_app.db.rls import acting_as_admin

# Others hold what it needs, or there is more to look at than it has time for.
_LATER = (LOCK_NOT_AVAILABLE, QUERY_CANCELED, *RETRIED_STATES)
# To look through a month for what is needed still; nobody waits meanwhile.
LOOK_SECONDS = 300
# To look through what lies in no month, for which others wait: for no longer than they do for any lock.
MAKE_SECONDS = 2


class Later(Exception):
    """A month cannot be made or dropped now, and nothing was done: the next run finds it again."""


def make_ahead(now: dt.datetime) -> int:
    """Make the partitions that are missing of this month and the next three; returns how many.

    Each on its own. While others hold a table for longer than a moment, or much lies in no month of it, none
    of its partitions is made: the next run finds them missing again.
    """
    with connection.cursor() as cursor:
        cursor.execute("select parent, since from missing_partitions(%s)", [now])
        missing = cursor.fetchall()
    made = 0
    later: set[str] = set()
    for parent, since in missing:
        if parent in later:
            continue
        try:
            made += bool(_told("select make_partition(%s, %s)", parent, since, seconds=MAKE_SECONDS))
        except Later:
            later.add(parent)
    return made


def drop_old(table: str, before: dt.datetime, *, reports_kept: int) -> Iterator[int]:
    """Drop the table's months that ended by `before` if nothing in them is needed; yields the rows of each.

    `reports_kept`: so many of a project's newest reports are needed, however old. Raises Later in the end
    when a month stays for the next run, for others hold it for longer than a moment.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select name from partitions_kept() where parent = %s and until <= %s order by until",
            [table, before],
        )
        names = [name for (name,) in cursor.fetchall()]
    later = None
    for name in names:
        try:
            rows = _told(
                "select drop_partition(%s, %s, %s)", name, before, reports_kept, seconds=LOOK_SECONDS
            )
        except Later as stays:
            later = stays
            continue
        # None: it stays, for something in it is needed. Nothing: it was empty.
        if rows:
            yield rows
    if later:
        raise later


def _told(statement: str, *parameters: str | int | dt.datetime, seconds: int) -> int | None:
    """The one value that a statement of the admin returns, which may take so long.

    Raises Later when others hold what it needs, or it took too long.
    """
    try:
        with acting_as_admin(), connection.cursor() as cursor:
            allow_seconds(seconds)
            cursor.execute(statement, parameters)
            (value,) = cursor.fetchone()
            return int(value) if value is not None else None
    except OperationalError as error:
        if sqlstate(error) not in _LATER:
            raise
        raise Later from error
