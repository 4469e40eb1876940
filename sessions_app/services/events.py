"""Event ids: what was accepted under one counts once."""

from __future__ import annotations

import datetime as dt
import hashlib
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from sessions_app import clock
from sessions_app.models import SeenEvent
from sessions_app.services.errors import Conflict

# So long an event id is remembered, and the same one again counts once.
EVENT_DAYS = 30


def first_time(project_id: UUID, actor: str, event_id: UUID, body: str) -> bool:
    """Note an event id in the caller's transaction; returns False when it was accepted before.

    `actor` is whose event it is: another's equal id is another event. Of two that come at once the
    second waits for the first one's commit. Raises Conflict when the id was used with another body.
    """
    body_hash = hash_of(body)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into seen_events (project_id, actor, event_id, body_hash, created_at)
            values (%s, %s, %s, %s, %s)
            on conflict do nothing
            """,
            [project_id, actor, event_id, body_hash, clock.now()],
        )
        if cursor.rowcount == 1:
            return True
    known = SeenEvent.objects.get(project_id=project_id, actor=actor, event_id=event_id)
    if known.body_hash != body_hash:
        raise another_body()
    return False


def hash_of(body: str) -> str:
    """What is remembered of an event's body."""
    return hashlib.sha256(body.encode()).hexdigest()


def another_body() -> Conflict:
    """The refusal of an event id that came with another body before."""
    return Conflict("This event id was used with another body.")


def forget_events(project_id: UUID, now: dt.datetime) -> int:
    """Drop the event ids past EVENT_DAYS; returns how many. Run by the upkeep job."""
    return old(now).filter(project_id=project_id).delete()[0]


def old(now: dt.datetime) -> QuerySet[SeenEvent]:
    """The event ids past EVENT_DAYS."""
    return SeenEvent.objects.filter(created_at__lt=now - dt.timedelta(days=EVENT_DAYS))
