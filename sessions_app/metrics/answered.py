"""A request that was answered, by whichever server: counted, and one line in the access log."""

from __future__ import annotations

import logging

from sessions_app.metrics import statements
from sessions_app.metrics.instruments import REQUEST_SECONDS, REQUESTS, counter
from sessions_app.metrics.observed import Observed

access_log = logging.getLogger("leftoff.access")

HEADER = "X-Request-ID"
# Any other word is a client's own invention.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


def count(observed: Observed, *, route: str, method: str | None, status: int, seconds: float) -> None:
    """Count a request by its route's template (metrics/routes.py); nothing of what was asked is kept."""
    known = method if method in _METHODS else "other"
    counter(REQUESTS, route, known, str(status)).inc()
    REQUEST_SECONDS.observe(seconds, route, known)
    statements.add_up(observed, route)
    access_log.info(
        "%s %s %s",
        known,
        route,
        status,
        extra={
            "route": route,
            "method": known,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "queries": observed.statements,
        },
    )
