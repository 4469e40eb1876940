"""When connections end, and with the last process that used it the embedded server."""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from sessions_app import embedded


def stop_if_unused() -> bool:
    """Stop the embedded server unless another process still uses it; returns whether it stopped.

    This process's own connections are closed. Does nothing where DATABASE_URL is set.
    """
    if not settings.IS_EMBEDDED:
        return False
    close_connections()
    return embedded.stop_if_last(connections["default"].settings_dict["EMBEDDED_DATA_DIR"])


def close_connections() -> None:
    """Close this process's own connections to the database, those of its pool too."""
    runtime = connections["default"]
    connections.close_all()
    if runtime.settings_dict["OPTIONS"].get("pool"):
        runtime.close_pool()  # type: ignore[attr-defined]
