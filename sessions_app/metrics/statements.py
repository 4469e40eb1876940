"""Statements asked of the database: counted for whoever asks, added up when that is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sessions_app.metrics.instruments import DATABASE_SECONDS, STATEMENTS, counter
from sessions_app.metrics.observed import Observed, current

# By neither request nor job: sockets, the digester, commands.
OTHER = "other"


def counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: ANN401 -- Django's
    """Ask the database, and count it: an execute wrapper of every connection."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.perf_counter() - started
        if observed := current():
            observed.statements += 1
            observed.database_seconds += seconds
        else:
            counter(STATEMENTS, OTHER).inc()
            counter(DATABASE_SECONDS, OTHER).inc(seconds)


def add_up(observed: Observed, by: str) -> None:
    """Count what a request or job asked as that of `by`."""
    if observed.statements:
        counter(STATEMENTS, by).inc(observed.statements)
    # What the event loop answers has statements and no series of seconds: they go along with others', and
    # whose the time was nobody can say.
    if observed.database_seconds:
        counter(DATABASE_SECONDS, by).inc(observed.database_seconds)
