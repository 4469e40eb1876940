"""When the embedded server stops: with the last process that used it."""

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
    runtime = connections["default"]
    connections.close_all()
    if runtime.settings_dict["OPTIONS"].get("pool"):
        runtime.close_pool()  # type: ignore[attr-defined]
    return embedded.stop_if_last(runtime.settings_dict["EMBEDDED_DATA_DIR"])
