"""Webhooks: what waits is sent at once, at the moment of its next try, and at the latest every minute."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from procrastinate.exceptions import AlreadyEnqueued

from sessions_app import clock
from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.jobs.soon import leave_job
from sessions_app.outgoing.sending import send_due
from sessions_app.services import deliveries

# What is due later than that is found by the clock.
TICK = dt.timedelta(minutes=1)


@job(limit_seconds=75, waits=ONE_TRY, lock="webhooks", queueing_lock="webhooks")
def send_webhooks(timestamp: int) -> None:
    """Send what is due. One at a time, so that slow receivers take one of the worker's places at most."""
    send_due()
    now = clock.now()
    again_at = deliveries.next_try_at(now + TICK)
    if again_at is not None:
        send_at(max(again_at, now))


@job(limit_seconds=10, waits=ONE_TRY)
def wake() -> None:
    """Have what waits sent now. Apart from that job, whose lock would let none pass one that waits."""
    send_soon()


def send_soon() -> None:
    """Have what waits sent. Never raises."""
    leave_job(send_webhooks)


def send_at(moment: dt.datetime) -> None:
    """Have what waits sent at a moment, once for each second."""
    second = int(moment.timestamp())
    with suppress(AlreadyEnqueued):
        wake.configure(schedule_at=moment, queueing_lock=f"webhooks at {second}").defer()
