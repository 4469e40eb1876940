"""All that the doctor looks at, in order. What cannot be looked at is a finding too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from sessions_app.db.retry import QUERY_CANCELED, sqlstate
from sessions_app.embedded import EmbeddedError
from sessions_app.management.doctor import (
    configuration,
    database,
    drift,
    partitions,
    policies,
    room,
    work,
)
from sessions_app.management.doctor.finding import Finding, Level, problem, warning

Look = Callable[[], Iterator[Finding]]

# These need no database; without one the later ones cannot be asked.
_WITHOUT_DATABASE: dict[str, Look] = {
    "settings": configuration.look,
    "room": room.look_at_folder,
    "redis": configuration.look_at_redis,
}
# Asked once it is known that the database can be used.
_WITH_DATABASE: tuple[tuple[str, Look], ...] = (
    ("database", database.look_at_clock),
    ("roles", policies.look_at_role),
    ("policies", policies.look),
    ("partitions", partitions.look),
    ("drift", drift.look),
    ("drift", drift.look_at_roll_ups),
    ("jobs", work.look_at_jobs),
    ("intake", work.look_at_intake),
)
GROUPS = (*_WITHOUT_DATABASE, *dict(_WITH_DATABASE))


def examine(groups: Sequence[str] = GROUPS) -> Iterator[tuple[str, Finding]]:
    """The findings of these groups, each with its group's name."""
    for name, look in _WITHOUT_DATABASE.items():
        if name in groups:
            yield from ((name, finding) for finding in look())
    if not dict(_WITH_DATABASE).keys() & set(groups):
        return
    found = list(_asked(database.look))
    is_unusable = any(finding.level is Level.PROBLEM for finding in found)
    if "database" in groups or is_unusable:
        yield from (("database", finding) for finding in found)
    if is_unusable:
        # No server, or not the tables of this release: whatever else would be said is about that.
        return
    for name, look in _WITH_DATABASE:
        if name in groups:
            yield from ((name, finding) for finding in _asked(look))


def _asked(look: Look) -> Iterator[Finding]:
    try:
        yield from look()
    except (DatabaseError, InterfaceError, EmbeddedError) as trouble:
        if isinstance(trouble, DatabaseError) and sqlstate(trouble) == QUERY_CANCELED:
            yield warning(
                "looking took too long and was given up",
                "whether all is well here is not known",
                "look again when less is going on; `manage.py recompute_analytics --check` and "
                "`manage.py rollup_metrics --check` compare everything, a project at a time",
            )
            return
        reason = str(trouble).strip().splitlines()[0] if str(trouble).strip() else type(trouble).__name__
        yield problem(
            f"the database cannot be asked: {reason}",
            "nothing is served or kept without it",
            f"manage.py serve starts it; {settings.DATA_DIR} has its data and its log"
            if settings.IS_EMBEDDED
            else "start it, and compare DATABASE_URL with its address, its role and its password",
        )
