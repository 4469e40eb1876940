"""When the embedded server stops: with the last process that used it."""

from __future__ import annotations

import time

from django.conf import settings
from django.db import connections

from sessions_app import embedded
from sessions_app.db.backend.base import own_application_name

# The backend of a process that has just ended goes a moment after it; of one that goes on, it stays.
ENDED_SECONDS = 2.0
LOOK_EVERY_SECONDS = 0.05


def stop_if_unused() -> bool:
    """Stop the embedded server unless another process still uses it; returns whether it stopped.

    This process's own connections are closed, by itself or by that. Does nothing where DATABASE_URL is set.
    """
    if not settings.IS_EMBEDDED:
        return False
    runtime = connections["default"]
    data_dir = runtime.settings_dict["EMBEDDED_DATA_DIR"]
    connections.close_all()
    if not embedded.status(data_dir).running:
        return False
    # A connection that waits in the pool would look like another process using the server.
    if runtime.settings_dict["OPTIONS"].get("pool"):
        runtime.close_pool()  # type: ignore[attr-defined]
    if _others_stay_connected():
        return False
    return embedded.stop(data_dir)


def _others_stay_connected() -> bool:
    until = time.monotonic() + ENDED_SECONDS
    while _others_connected():
        if time.monotonic() > until:
            return True
        time.sleep(LOOK_EVERY_SECONDS)
    return False


def _others_connected() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            # The kind of another role's backend is hidden from the owner; who it is and where, is not.
            "select count(*) from pg_stat_activity where usename is not null and datname is not null"
            " and application_name <> %s",
            [own_application_name()],
        )
        others = cursor.fetchone()[0]
    connections["owner"].close()
    return bool(others)
