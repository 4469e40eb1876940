"""What programs' sign-ins and requests leave behind, and nobody can use any more."""

from __future__ import annotations

from sessions_app import clock
from sessions_app.db.rls import acting_as_admin
from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.services import idempotency, sign_ins, socket_tickets


@job(limit_seconds=120, waits=ONE_TRY, queueing_lock="old bearers")
def forget_bearers(timestamp: int) -> None:
    """Delete old tickets, sign-ins and idempotency keys, of everybody."""
    now = clock.now()
    # A ticket goes before the sign-in it is of.
    for forget_old in (socket_tickets.forget_old, sign_ins.forget_old, idempotency.forget_old):
        with acting_as_admin():
            forget_old(now)
