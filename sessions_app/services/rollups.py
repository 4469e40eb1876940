"""Roll-ups: what sessions, work and decisions come to, filled in from the records and kept.

A fill does what is due by what it finds: the ledger after the version a project is filled to, sessions that
are over and not measured, items that moved. It is one transaction for each project and holds its fill row,
so it may be broken off, run again, or run in two places at once, and counts everything once. What comes late
(a session that ends, a decision reopened weeks after) goes to the quarter of an hour it belongs to.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.db.planning import allow_seconds
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.insights.measures import ACT_COUNTS
from sessions_app.models import DecisionLife, ProjectCounter, RollupFill, SessionRollup, WorkRollup

# A session is measured so long after its end: what was on its way to the intake then has come in.
SETTLES = dt.timedelta(minutes=1)
# The first fill of a project measures all it ever had in one statement: some 5,000 sessions a second.
STATEMENT_SECONDS = 300


@dataclass(frozen=True)
class Filled:
    """What a fill did: sessions measured, ledger rows counted, lives of decisions that began or ended."""

    sessions: int = 0
    activities: int = 0
    lives: int = 0

    def __add__(self, other: Filled) -> Filled:
        return Filled(
            self.sessions + other.sessions, self.activities + other.activities, self.lives + other.lives
        )


@dataclass(frozen=True)
class Difference:
    """One row that is kept otherwise than the records give it now; None: there is no such row."""

    # The table, and which of its rows.
    place: str
    what: str
    kept: dict[str, Any] | None
    recomputed: dict[str, Any] | None

    def __str__(self) -> str:
        kept, recomputed = self.kept or {}, self.recomputed or {}
        names = [name for name in kept | recomputed if kept.get(name) != recomputed.get(name)]
        told = ", ".join(
            f"{name} {json.dumps(kept.get(name))} instead of {json.dumps(recomputed.get(name))}"
            for name in names
        )
        return f"{self.place} {self.what}: {told}"


def projects_due(now: dt.datetime) -> list[UUID]:
    """The projects whose roll-ups are behind at `now`."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select project_id from projects_with_rollups(%s)", [now - SETTLES])
        return [row[0] for row in cursor.fetchall()]


@retrying
def roll_up(project_id: UUID) -> Filled:
    """Bring one project's roll-ups up to date, acting as the system for it.

    One transaction; whoever fills the same project at that moment is waited for, and leaves nothing to do.
    A project that is gone has nothing to fill.
    """
    with acting_as_system([project_id]):
        allow_seconds(STATEMENT_SECONDS)
        return _fill(project_id, fill.version) if (fill := _locked(project_id)) else Filled()


@retrying
def rebuild(project_id: UUID) -> Filled:
    """Empty one project's roll-ups and fill them anew, in one transaction, acting as the system for it.

    Sessions are measured again where their intake is still there; others keep what they came to.
    """
    with acting_as_system([project_id]):
        allow_seconds(STATEMENT_SECONDS)
        if _locked(project_id) is None:
            return Filled()
        for model in (SessionRollup, WorkRollup, DecisionLife):
            model.objects.filter(project_id=project_id).delete()
        return _fill(project_id, 0, anew=True)


def check(project_id: UUID) -> list[Difference]:
    """Compare one project's roll-ups with what its records give now, acting as the system for it.

    Returns what differs, nothing when all is well; what is only behind does not differ. Session facts whose
    intake is pruned cannot be computed again and are taken as they are.
    """
    with acting_as_system([project_id]):
        allow_seconds(STATEMENT_SECONDS)
        parameters = {"project": project_id, "act_counts": ACT_COUNTS}
        return [Difference(**row) for row in queries.rows("rollup_drift", parameters)]


def _locked(project_id: UUID) -> RollupFill | None:
    """The project's fill row, made and locked; None when the project is gone.

    Without the lock two fills would count the same ledger rows. The project's row is locked too, so that one
    being deleted is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into rollup_fills (project_id, version, filled_at)
            select p.id, 0, %s from projects p where p.id = %s for key share
            on conflict do nothing
            """,
            [clock.now(), project_id],
        )
    return RollupFill.objects.select_for_update().filter(project_id=project_id).first()


def _fill(project_id: UUID, after: int, *, anew: bool = False) -> Filled:
    """Fill in what is new since version `after`; the fill row is locked."""
    now = clock.now()
    # Read after the lock: what came while it was waited for is filled too. All of a version is committed.
    until = ProjectCounter.objects.get(project_id=project_id).version
    sessions = _fill_sessions(project_id, now, anew=anew)
    span = {"project": project_id, "after": after, "until": until}
    [work] = queries.rows("fill_work_rollups", span)
    [decisions] = queries.rows("fill_decision_lives", span)
    RollupFill.objects.filter(project_id=project_id).update(version=until, filled_at=now)
    return Filled(sessions, work["activities"], decisions["lives"])


def _fill_sessions(project_id: UUID, now: dt.datetime, *, anew: bool) -> int:
    """Measure the sessions that wait for it, and write the rows they belong to; returns how many."""
    touched = queries.rows(
        "measure_sessions",
        {
            "project": project_id,
            "now": now,
            "ended_by": now - SETTLES,
            "anew": anew,
            "act_counts": ACT_COUNTS,
        },
    )
    if touched or anew:
        with connection.cursor() as cursor:
            cursor.execute(
                queries.text("fill_session_rollups"),
                {
                    "project": project_id,
                    "since": "-infinity" if anew else min(row["bucket"] for row in touched),
                    "users": None if anew else [row["user_id"] for row in touched],
                    "buckets": None if anew else [row["bucket"] for row in touched],
                },
            )
    return sum(row["sessions"] for row in touched)
