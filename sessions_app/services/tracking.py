"""Tracked input: a person did something in a project, as a page or a front end tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection, transaction

from sessions_app import clock, ledger
from sessions_app.services import taking_in
from sessions_app.services.errors import NotFound
from sessions_app.services.events import another_body
from sessions_app.services.taking_in import DEFAULT_KIND, Outcome


def track_activity(
    user_id: UUID,
    project_id: UUID,
    *,
    kind: str = DEFAULT_KIND,
    metadata: Mapping[str, object] | None = None,
    event_id: UUID | None = None,
) -> bool:
    """Take in that the person did something just now: one row, no lock; the digester does the rest.

    `kind` is a word of the front end's own. Returns False when `event_id` was accepted before (it
    counts once). Raises Invalid naming the field, Conflict for an `event_id` used with another body,
    NotFound for a project that is not there for whoever acts.
    """
    event = taking_in.event(user_id, project_id, kind=kind, metadata=metadata, event_id=event_id)
    with transaction.atomic():
        [outcome] = taking_in.take_in([event])
        match outcome:
            case Outcome.NOT_THERE:
                raise NotFound("This project is not there.")
            case Outcome.ANOTHER_BODY:
                raise another_body()
            case Outcome.ACCEPTED:
                ledger.announce_waiting(project_id, is_shown=False)
    return outcome is Outcome.ACCEPTED


def share_of_each(most: int, projects: int) -> int:
    """How many rows are folded of each of so many projects at most, where about `most` are at once."""
    return -(-most // projects)


def fold_tracked(project_ids: Sequence[UUID], *, most: int, user_id: UUID | None = None) -> int:
    """Fold waiting input into sessions and analytics, each person's oldest first; returns how many rows.

    About `most` rows at once, of each project at most `share_of_each`. A session that was under way when
    a row came in was alive then, at the version the row tells. Runs in the caller's transaction, which sees
    each row folded or none. `user_id` narrows it to one person's, whose membership the caller has locked;
    otherwise whose membership another transaction has locked is passed over.
    """
    share = share_of_each(most, len(project_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "select fold_waiting_input(%s, %s, %s, %s)", [list(project_ids), user_id, share, clock.now()]
        )
        return int(cursor.fetchone()[0])
