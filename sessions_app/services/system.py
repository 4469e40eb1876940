"""How the whole system stands at this moment: what a process cannot count by itself."""

from __future__ import annotations

from dataclasses import fields

from django.conf import settings
from django.db import connection, transaction

from sessions_app import clock
from sessions_app.db.planning import allow_seconds
from sessions_app.insights.system_now import SystemNow

# Whoever asks this wants to know soon: a database that does not answer by then is away.
ANSWER_SECONDS = 2


_COLUMNS = ", ".join(field.name for field in fields(SystemNow))


def now() -> SystemNow:
    """Ask the database. Raises Django's database errors, PoolTimeout; waits ANSWER_SECONDS at most."""
    heard_seconds = settings.PROCRASTINATE_WORKER_DEFAULTS["stalled_worker_timeout"]
    with transaction.atomic(), connection.cursor() as cursor:
        allow_seconds(ANSWER_SECONDS)
        cursor.execute(
            f"select {_COLUMNS} from system_now(%s, %s)",  # noqa: S608 -- our own names
            [clock.now(), heard_seconds],
        )
        return SystemNow(*cursor.fetchone())
