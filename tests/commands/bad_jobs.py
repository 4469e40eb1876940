"""Jobs for a real worker: good ones that leave a trace, and ones that go wrong in every way (case W02)."""

from __future__ import annotations

import os
import signal
import threading

from django.db import connection
from procrastinate.contrib.django import app

from sessions_app.jobs.job import Waits, job
from sessions_app.jobs.stalled import retry_stalled

ONCE_MORE = Waits(0)

app.periodic(cron="* * * * * *", periodic_id="soon")(retry_stalled)


@job(limit_seconds=10, waits=ONCE_MORE)
def leave_trace(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into traces values (%s)", [number])


@job(limit_seconds=10, waits=ONCE_MORE)
def kill_worker() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job(limit_seconds=1, waits=ONCE_MORE)
def hang() -> None:
    threading.Event().wait()


@job(limit_seconds=10, waits=ONCE_MORE)
def fail() -> None:
    raise ValueError("always")
