"""How the whole system stands at this moment: what a process cannot count by itself."""

from __future__ import annotations

from dataclasses import fields

from django.conf import settings
from django.db import connection, transaction

from sessions_app import clock
from sessions_app.db.asking import ANSWER_SECONDS
from sessions_app.db.planning import allow_seconds
from sessions_app.insights.system_now import SystemNow

_COLUMNS = ", ".join(field.name for field in fields(SystemNow))


def now() -> SystemNow:
    """Ask the database. Raises Django's database errors, PoolTimeout.

    Waits ANSWER_SECONDS at most for a server that works; where that is the question, see db/asking.py.
    """
    heard_seconds = settings.PROCRASTINATE_WORKER_DEFAULTS["stalled_worker_timeout"]
    with transaction.atomic(), connection.cursor() as cursor:
        allow_seconds(ANSWER_SECONDS)
        cursor.execute(
            f"select {_COLUMNS} from system_now(%s, %s)",  # noqa: S608 -- our own names
            [clock.now(), heard_seconds],
        )
        return SystemNow(*cursor.fetchone())


def answers() -> bool:
    """True. Raises Django's database errors, PoolTimeout: then the database does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("select true")
        return bool(cursor.fetchone()[0])
