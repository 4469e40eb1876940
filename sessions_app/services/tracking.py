"""Tracked input: a person did something in a project, as a page or a front end tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from sessions_app import clock, ledger
from sessions_app.db import queries
from sessions_app.services import taking_in
from sessions_app.services.errors import NotFound
from sessions_app.services.events import another_body
from sessions_app.services.taking_in import DEFAULT_KIND, Outcome

# Comes before every person.
_NOBODY = UUID(int=0)


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


def fold_tracked(project_ids: Sequence[UUID], *, most: int, user_id: UUID | None = None) -> int:
    """Fold waiting input into sessions and analytics, each person's oldest first; returns how many rows.

    About `most` rows at once, an equal share from each project. A session that was under way when a row
    came in was alive then, at the version the row tells. Runs in the caller's transaction, which sees each
    row folded or none. `user_id` narrows it to one person's, whose membership the caller has locked;
    otherwise whose membership another transaction has locked is passed over.
    """
    share = -(-most // len(project_ids))
    waiting = _lock_waiting(project_ids, share, user_id)
    if not waiting:
        return 0
    parameters: dict[str, Any] = {
        "projects": [row["project_id"] for row in waiting],
        "users": [row["user_id"] for row in waiting],
        "up_to": [row["up_to"] for row in waiting],
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(queries.text("fold_tracked"), parameters)
        return int(cursor.fetchone()[0])


def _lock_waiting(project_ids: Sequence[UUID], share: int, user_id: UUID | None) -> list[dict[str, Any]]:
    """Whose input is folded, and up to which row; their memberships are locked by then.

    Where all whose input came first are in other hands, those behind them are looked for.
    """
    found: list[dict[str, Any]] = []
    after = dict.fromkeys(project_ids, _NOBODY)
    while after:
        rows = queries.rows(
            "waiting_input",
            {
                "projects": list(after),
                "after": list(after.values()),
                "user": user_id,
                "most_each": share,
            },
        )
        free = [row for row in rows if row["is_free"]]
        found += free
        last: dict[UUID, UUID] = {}
        for row in rows:
            last[row["project_id"]] = max(row["user_id"], last.get(row["project_id"], _NOBODY))
        for row in free:
            last.pop(row["project_id"], None)
        after = last
    return found
