"""The digest by mail, looked for every hour: it is 8 in the morning somewhere."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as
from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.outgoing import digest_mail
from sessions_app.services import digests


@job(limit_seconds=1200, waits=ONE_TRY, lock="digests", queueing_lock="digests")
def send_digests(timestamp: int) -> None:
    """Queue the digests that are due; each person's once, however often this runs."""
    run_digests(clock.now())


def run_digests(now: dt.datetime) -> int:
    """Queue what is due at `now`, each person's in a transaction of its own; returns how many mails.

    Raises an ExceptionGroup when it failed for some people; the others are done by then.
    """
    sent, failed = 0, []
    for user_id in digests.due_people(now):
        try:
            sent += _send(user_id, now)
        except Exception as error:
            error.add_note(f"in the digest of person {user_id}")
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"digests failed for {len(failed)} people", failed)
    return sent


@retrying
def _send(user_id: UUID, now: dt.datetime) -> bool:
    with acting_as(user_id):
        waiting = digests.take_digest(user_id, now)
        if waiting is not None:
            digest_mail.mail_of(waiting).send()
        return waiting is not None
