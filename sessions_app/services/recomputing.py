"""Stored counts against the rows they count, for all projects at once: compared, and put right.

The pages need none of this: triggers keep the counters, and an analytics row that is old is computed when
it is read. It is for whoever wants to know that this is so, and for a database that was repaired by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef

from sessions_app import clock, ledger
from sessions_app.db import queries
from sessions_app.db.planning import allow_seconds
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_admin, acting_as_system
from sessions_app.models import ProjectCounter, Session, SessionAnalytics
from sessions_app.services import analytics
from sessions_app.services.errors import NotFound

# How much one transaction takes on: its locks last a fraction of a second. A project is never split.
PAIRS_A_BATCH = 4_000
PROJECTS_A_BATCH = 20
# Of so many it is asked in a sixth of a second or so, with 20 people in each.
CHECKED_AT_ONCE = 1_000
# A batch takes a second or two; on a machine that is busy more than a page's statement may.
STATEMENT_SECONDS = 300


@dataclass(frozen=True)
class Chosen:
    """Which pairs of a person and a project: of one project, of one person, active since; None: all."""

    project_id: UUID | None = None
    user_id: UUID | None = None
    since: dt.datetime | None = None

    @property
    def has_counters(self) -> bool:
        """Whether projects' counters are meant too: they are of nobody in particular."""
        return self.user_id is None and self.since is None


@dataclass(frozen=True)
class Batch:
    """Projects that one transaction takes on, and how many of their stored rows are chosen."""

    project_ids: tuple[UUID, ...]
    pairs: int


@dataclass(frozen=True)
class Difference:
    """A stored value that is not what it should be; `user_id` None: the project's own counter row."""

    project_id: UUID
    user_id: UUID | None
    what: str
    stored: str | None
    recomputed: str | None


@dataclass
class Recomputed:
    """How much was put right: projects' counters, analytics rows, those of them whose steps are stale now."""

    counters: int = 0
    rows_written: int = 0
    marked_stale: int = 0
    steps: int = 0

    def __iadd__(self, other: Recomputed) -> Recomputed:
        self.counters += other.counters
        self.rows_written += other.rows_written
        self.marked_stale += other.marked_stale
        self.steps += other.steps
        return self


def batches(chosen: Chosen) -> list[Batch]:
    """The projects with something that is chosen, in batches."""
    projects = ProjectCounter.objects.order_by("project_id").values_list("project_id", flat=True)
    rows = SessionAnalytics.objects.all()
    if chosen.project_id:
        projects = projects.filter(project_id=chosen.project_id)
        rows = rows.filter(project_id=chosen.project_id)
    if chosen.user_id:
        rows = rows.filter(user_id=chosen.user_id)
    if chosen.since:
        visits = Session.objects.filter(project_id=OuterRef("project_id"), user_id=OuterRef("user_id"))
        rows = rows.filter(Exists(visits.filter(last_activity__gte=chosen.since)))
    with acting_as_admin():
        allow_seconds(STATEMENT_SECONDS)
        stored = dict(rows.values_list("project_id").annotate(Count("id")))
        wanted = list(projects) if chosen.has_counters else sorted(stored)
    return list(_batched([(project_id, stored.get(project_id, 0)) for project_id in wanted]))


def differences(batch: Batch, chosen: Chosen) -> list[Difference]:
    """What of a batch claims to be up to date and is not. Changes nothing."""
    parameters = _parameters(batch, chosen)
    with acting_as_system(batch.project_ids):
        allow_seconds(STATEMENT_SECONDS)
        counters = queries.rows("counter_drift", parameters) if chosen.has_counters else []
        rows = queries.rows("analytics_drift", parameters)
    return [Difference(**({"user_id": None} | row)) for row in (*counters, *rows)]


@retrying
def recompute(batch: Batch, chosen: Chosen, *, is_trial: bool = False) -> Recomputed:
    """Put a batch right, in one transaction; what is right already is not written. A trial is taken back.

    Locks in the order of everywhere: the counter row of a project whose counters are wrong, then rows.
    """
    parameters = _parameters(batch, chosen)
    done = Recomputed()
    with acting_as_system(batch.project_ids):
        allow_seconds(STATEMENT_SECONDS)
        counters = queries.rows("counter_drift", parameters) if chosen.has_counters else []
        for project_id in sorted({row["project_id"] for row in counters}):
            done.counters += _recount(project_id)
        for row in queries.rows("recompute_analytics", parameters):
            done.rows_written += row["written"]
            done.marked_stale += row["marked_stale"]
            ledger.announce_personal(row["project_id"])
        transaction.set_rollback(is_trial)
    return done


def compute_steps(batch: Batch, chosen: Chosen, *, is_trial: bool = False) -> int:
    """Compute the steps and blockers of all rows of a batch that are old; returns how many.

    By the rules, person by person, each in a transaction of its own: what their next visit would do. In a
    trial they are counted only.
    """
    with acting_as_system(batch.project_ids):
        allow_seconds(STATEMENT_SECONDS)
        stale = queries.rows("stale_pairs", _parameters(batch, chosen))
    return len(stale) if is_trial else sum(_compute_steps(**row) for row in stale)


def check_again() -> int:
    """Have the digester look where analytics of who is here are old and nothing told it.

    It asks of everybody who is here, of some projects in each transaction. Returns in how many projects it
    was so.
    """
    checks, after = _check_again(None)
    while after is not None:
        more, after = _check_again(after)
        checks += more
    return checks


def _batched(projects: Sequence[tuple[UUID, int]]) -> Iterator[Batch]:
    taken: list[UUID] = []
    pairs = 0
    for project_id, stored in projects:
        if taken and (pairs + stored > PAIRS_A_BATCH or len(taken) == PROJECTS_A_BATCH):
            yield Batch(tuple(taken), pairs)
            taken, pairs = [], 0
        taken.append(project_id)
        pairs += stored
    if taken:
        yield Batch(tuple(taken), pairs)


def _check_again(after: UUID | None) -> tuple[int, UUID | None]:
    with transaction.atomic(), connection.cursor() as cursor:
        allow_seconds(STATEMENT_SECONDS)
        cursor.execute("select checks, last_one from check_again(%s, %s)", [after, CHECKED_AT_ONCE])
        checks, last_one = cursor.fetchone()
    return checks, last_one


def _recount(project_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select recount_project(%s)", [project_id])
        was_wrong = bool(cursor.fetchone()[0])
    if was_wrong:
        version = ProjectCounter.objects.get(project_id=project_id).version
        ledger.announce(ledger.Committed(project_id, version))
    return was_wrong


@retrying
def _compute_steps(user_id: UUID, project_id: UUID) -> bool:
    with acting_as_system([project_id]):
        try:
            analytics.get_summary(user_id, project_id)
        except NotFound:
            return False  # taken out of the project meanwhile
    return True


def _parameters(batch: Batch, chosen: Chosen) -> dict[str, Any]:
    return {
        "projects": list(batch.project_ids),
        "user": chosen.user_id,
        "since": chosen.since,
        "now": clock.now(),
        "stale": analytics.STALE,
    }
