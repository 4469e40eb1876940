"""The database: whether it is there, is new enough, and has the tables of this release."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.management.database import folder_without_database, unapplied_migrations
from sessions_app.management.doctor.finding import Finding, ok, problem, warning

OLDEST_MAJOR = 15
# What two machines that keep their clocks do not differ by; and what moves sessions' ends by a visible bit.
CLOCK_WARNING_SECONDS, CLOCK_PROBLEM_SECONDS = 2, 60


def look() -> Iterator[Finding]:
    """Whether it can be used: it is there, and of a version and with migrations that this release needs."""
    if folder := folder_without_database():
        yield problem(
            f"there is no database in {folder}",
            "nothing was ever served with this DATA_DIR",
            "start `manage.py serve`, or set DATA_DIR to the one of your server",
        )
        return
    [server] = queries.rows("doctor_server", {})
    if server["major"] < OLDEST_MAJOR:
        yield problem(
            f"PostgreSQL {server['version']} is too old",
            f"Leftoff is made for {OLDEST_MAJOR} and later",
            "move to a newer server: docs/operations/deploy.md",
        )
        return
    size = server["bytes"] / 1024**2
    yield ok(f"PostgreSQL {server['version']} answers; this database has {size:,.0f} MB")
    if unapplied := unapplied_migrations():
        yield problem(
            f"the database lacks {unapplied} migrations",
            "this release reads and writes what is not there yet",
            "manage.py migrate" + ("" if settings.IS_EMBEDDED else ", with DATABASE_OWNER_URL set"),
        )
    else:
        yield ok("all migrations are applied")


def look_at_clock() -> Iterator[Finding]:
    """Its clock beside this machine's."""
    before = clock.now()
    [server] = queries.rows("doctor_server", {})
    after = clock.now()
    # Between the two readings of our own clock lies the answer's way.
    apart = max((before - server["now"]).total_seconds(), (server["now"] - after).total_seconds(), 0)
    if apart < CLOCK_WARNING_SECONDS:
        yield ok("this machine and the database agree on the time")
    else:
        make = problem if apart >= CLOCK_PROBLEM_SECONDS else warning
        yield make(
            f"this machine's clock and the database's are {apart:,.0f} s apart",
            "sessions end at wrong moments, leases and deadlines too early or too late",
            "keep both by NTP: timedatectl set-ntp true",
        )
