"""When the embedded server stops: with the last process that used it."""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from sessions_app import embedded


def stop_if_unused() -> bool:
    """Stop the embedded server unless another process still uses it; returns whether it stopped.

    Closes this process's own connections first. Does nothing where DATABASE_URL is set.
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
    if _others_connected():
        return False
    return embedded.stop(data_dir)


def _others_connected() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where backend_type = 'client backend'"
            " and pid <> pg_backend_pid()"
        )
        others = cursor.fetchone()[0]
    connections["owner"].close()
    return bool(others)
