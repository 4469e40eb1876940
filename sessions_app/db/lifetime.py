"""When the embedded server stops: with the last process that used it."""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from sessions_app import embedded
from sessions_app.db.backend.base import own_application_name


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
    if _others_connected():
        return False
    return embedded.stop(data_dir)


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
