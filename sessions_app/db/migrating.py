"""Migrate while others work: wait for no lock for long, and be the only one who migrates.

A statement that waits for a table makes everybody wait who comes after it, readers too. So it waits for less
than anybody would notice; what was begun is taken back whole then, and begun again when the others had their
turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from sessions_app.db.retry import LOCK_NOT_AVAILABLE, RETRIED_STATES, sqlstate

LOCK_MILLISECONDS = 300
# Between two tries: whoever was made to wait is served meanwhile, and is not made to wait twice.
PAUSE_SECONDS = 2.0
# Any number that nobody else takes: whoever holds it migrates this database.
_MIGRATES = 7_305_021_842


class StillLocked(Exception):
    """The lock was not to be had in all that time; nothing is half done."""


def migrate_patiently(
    connection: BaseDatabaseWrapper,
    migrate: Callable[[], object],
    *,
    seconds: float,
    on_pause: Callable[[], None],
) -> None:
    """Call `migrate`, again and again for so many seconds while it cannot have a lock.

    Arguments: the connection it migrates by; `on_pause` is told of each try that was in vain. What `migrate`
    had completed before it stays, so it has to go on where it stopped. Raises StillLocked, and whatever else
    `migrate` raises.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            if _migrate_alone(connection, migrate):
                return
        except OperationalError as error:
            if sqlstate(error) not in (LOCK_NOT_AVAILABLE, *RETRIED_STATES):
                raise
        if time.monotonic() >= until:
            raise StillLocked
        on_pause()
        time.sleep(PAUSE_SECONDS)


def _migrate_alone(connection: BaseDatabaseWrapper, migrate: Callable[[], object]) -> bool:
    """One try; returns False while somebody else migrates.

    Raises OperationalError when the session was lost in between that held the lock: whoever came meanwhile
    could migrate too.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_MIGRATES])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("select set_config('lock_timeout', %s, false)", [f"{LOCK_MILLISECONDS}ms"])
    mine = connection.connection
    try:
        migrate()
        if connection.connection is not mine:
            raise OperationalError("the connection was lost while it migrated; what was done is whole")
    finally:
        if connection.connection is mine and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("reset lock_timeout")
                cursor.execute("select pg_advisory_unlock(%s)", [_MIGRATES])
        else:
            # Both end with the session.
            connection.close()
    return True
