"""What is kept for a while and then goes: intake, keys, tickets, logs of deliveries.

Never the ledger, sessions or items, and nothing that a page shows or a session is still to be measured from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_admin, acting_as_system
from sessions_app.models import IntakeRefusal, ProjectCounter
from sessions_app.services import (
    deliveries,
    events,
    idempotency,
    metric_samples,
    partitions,
    presence,
    sign_ins,
    socket_tickets,
)
from sessions_app.services.errors import Invalid

# In-house agents look back that far for what they asked before, and briefings for what was handed over.
LEAST_INTAKE_DAYS = 90
# So many of a project's reports stay, however old: the page of reports, and what briefings look through.
REPORTS_KEPT = 500
# What one transaction deletes: its locks last a fraction of a second.
ROWS_A_BATCH = 2_000

# With an age of their own, which the service says that makes them. A ticket goes before the sign-in it is of.
_BY_THEIR_AGE: dict[str, Callable[[dt.datetime], QuerySet[Any]]] = {
    "socket_tickets": socket_tickets.old,
    "api_sign_ins": sign_ins.old,
    "idempotency_keys": idempotency.old,
    "webhook_deliveries": deliveries.old,
    "seen_events": events.old,
    "presences": presence.old,
    "metric_samples": metric_samples.old,
}
# Of the intake, by project: the statement that finds what is old.
_INTAKE = {
    "tracked_activities": queries.text("old_tracked"),
    "agent_activities": queries.text("old_reports"),
}

Pruned = tuple[str, int]
# A table, and what goes of it.
Part = tuple[str, Iterator[Pruned]]


def prune(intake_days: int, *, is_trial: bool = False) -> Iterator[Pruned]:
    """Delete what is past its age, a batch a transaction; yields each batch's table and how many rows.

    `intake_days` is the age of tracked input, agents' reports and refusals. The first two stay to the end of
    their month, so that it goes at once: day by day all of it would be gone before. A trial only counts.
    Raises Invalid for fewer days than LEAST_INTAKE_DAYS, and an ExceptionGroup when it failed for some
    tables; the others are done by then.
    """
    if intake_days < LEAST_INTAKE_DAYS:
        raise Invalid("intake days", f"must be {LEAST_INTAKE_DAYS} or more: agents look back that far.")
    now = clock.now()
    yield from _each(_parts(now, now - dt.timedelta(days=intake_days), is_trial))


def _parts(now: dt.datetime, before: dt.datetime, is_trial: bool) -> Iterator[Part]:
    """All there is to prune; each is judged by what became of those before it."""
    rows = {table: old(now) for table, old in _BY_THEIR_AGE.items()}
    rows["intake_refusals"] = IntakeRefusal.objects.filter(hour__lt=before)
    months_before = before.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    # Tables with a month that is still to go as a whole: row by row it would go now, and slowly.
    waiting: set[str] = set()
    if not is_trial:
        ages = dict.fromkeys(_INTAKE, before) | {"metric_samples": now - max(metric_samples.KEPT.values())}
        for table, ended in ages.items():
            yield table, _whole_months(table, ended, waiting)
    for table, old in rows.items():
        if table not in waiting:
            yield table, _in_batches(table, partial(_prune_rows, old, is_trial), is_trial)
    intake = [table for table in _INTAKE if table not in waiting]
    for project_id in _projects():
        for table in intake:
            batch = partial(_prune_intake, table, project_id, months_before, is_trial)
            yield table, _in_batches(table, batch, is_trial)


def _each(parts: Iterable[Part]) -> Iterator[Pruned]:
    """What goes of each part, whatever fails in another; raises all that failed in the end."""
    failed = []
    for table, part in parts:
        try:
            yield from part
        except Exception as error:
            error.add_note(f"in the pruning of {table}")
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"the pruning failed {len(failed)} times", failed)


def _whole_months(table: str, ended: dt.datetime, waiting: set[str]) -> Iterator[Pruned]:
    """Months in which nothing is needed any more; of the others rows stay that are.

    The table is in `waiting` afterwards when a month stays that may go another night, or it failed.
    """
    waiting.add(table)
    try:
        for rows in partitions.drop_old(table, ended, reports_kept=REPORTS_KEPT):
            yield table, rows
    except partitions.Later:
        return
    waiting.discard(table)


def _projects() -> list[UUID]:
    with acting_as_admin():
        return list(ProjectCounter.objects.order_by("project_id").values_list("project_id", flat=True))


def _in_batches(table: str, prune_batch: Callable[[], int], is_trial: bool) -> Iterator[Pruned]:
    while number := prune_batch():
        yield table, number
        if is_trial or number < ROWS_A_BATCH:
            return


@retrying
def _prune_rows(old: QuerySet[Model], is_trial: bool) -> int:
    with acting_as_admin():
        if is_trial:
            return old.count()
        batch = list(old.order_by("pk").values_list("pk", flat=True)[:ROWS_A_BATCH])
        # Asked again: what came to life meanwhile stays.
        return old.filter(pk__in=batch).delete()[0]


@retrying
def _prune_intake(table: str, project_id: UUID, before: dt.datetime, is_trial: bool) -> int:
    old = _INTAKE[table]
    parameters: dict[str, Any] = {
        "project": project_id,
        "before": before,
        "newest": REPORTS_KEPT,
        "most": None if is_trial else ROWS_A_BATCH,
    }
    with acting_as_system([project_id]), connection.cursor() as cursor:
        if is_trial:
            cursor.execute(f"select count(*) from ({old}) as old", parameters)  # noqa: S608 -- our own file
            return int(cursor.fetchone()[0])
        # The time beside the key: only the months are looked at that the rows are of.
        cursor.execute(
            f"delete from {table} where received_at < %(before)s and (id, received_at) in ({old})",  # noqa: S608 -- our own names
            parameters,
        )
        return int(cursor.rowcount)
