"""How tracked events are taken in: a batch in one statement, whosever they are.

One event of one person is a batch of one. A door that takes in many at once makes them with `event`, checks
who sent each, acts as the system for the projects they name, and runs the statement once: here, or by
`statement` with `parameters` and `outcomes` where its connection is not Django's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.models.tracking import KIND_MAX_CHARACTERS
from sessions_app.services.events import hash_of
from sessions_app.services.texts import clean_json, clean_line

METADATA_MAX_BYTES = 8 * 1024
DEFAULT_KIND = "activity"


class Outcome(StrEnum):
    """What became of an event: the words of the statement."""

    ACCEPTED = "accepted"
    SEEN_BEFORE = "seen before"
    ANOTHER_BODY = "another body"
    # The person is no member of the project, or not signed in any more; the statement has no line for it.
    NOT_THERE = "not there"


# Not frozen, which would make it take thrice as long to make one.
@dataclass(slots=True)
class Event:
    """What a person did in a project, as it is stored."""

    user_id: UUID
    project_id: UUID
    event_id: UUID | None
    kind: str
    # A JSON object's text.
    metadata: str
    # A program's sign-in by which its sender is known, and the state in which it was found good.
    sign_in_id: str | None = None
    sign_in_state: str | None = None

    @property
    def body_hash(self) -> str:
        """Two events with one id are the same if this is."""
        return hash_of(f"{self.kind}\n{self.metadata}") if self.event_id else ""


def event(
    user_id: UUID,
    project_id: UUID,
    *,
    kind: str = DEFAULT_KIND,
    metadata: Mapping[str, object] | None = None,
    event_id: UUID | None = None,
    sign_in_id: str | None = None,
    sign_in_state: str | None = None,
) -> Event:
    """An event, checked. `kind` is a word of the front end's own. Raises Invalid naming the field."""
    kind = clean_line(kind or DEFAULT_KIND, "kind", most=KIND_MAX_CHARACTERS)
    data = clean_json(dict(metadata or {}), "metadata", most_bytes=METADATA_MAX_BYTES)
    return Event(user_id, project_id, event_id, kind, data, sign_in_id, sign_in_state)


def take_in(events: Sequence[Event]) -> list[Outcome]:
    """Take events in, in the caller's transaction; returns what became of each, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(statement(), parameters(events, by_system=False))
        return outcomes(events, cursor.fetchall())


def statement() -> str:
    """The statement that takes them in."""
    return queries.text("take_in_tracked")


def parameters(events: Sequence[Event], *, by_system: bool) -> dict[str, Any]:
    """What the statement takes; `by_system`: the system takes them in, for the projects they name."""
    # As one text: a driver writes arrays piece by piece, which takes it longer than all the rest.
    told = json.dumps([_as_json(each) for each in events])
    return {"events": told, "now": clock.now(), "by_system": by_system}


def outcomes(events: Sequence[Event], rows: Iterable[tuple[int, str]]) -> list[Outcome]:
    """What became of each event, by the rows that the statement tells."""
    told = dict(rows)
    return [Outcome(told.get(place, Outcome.NOT_THERE)) for place in range(1, len(events) + 1)]


def _as_json(event: Event) -> dict[str, str | None]:
    return {
        "user_id": str(event.user_id),
        "project_id": str(event.project_id),
        "event_id": str(event.event_id) if event.event_id else None,
        "kind": event.kind,
        "metadata": event.metadata,
        "body_hash": event.body_hash,
        "sign_in_id": event.sign_in_id,
        "sign_in_state": event.sign_in_state,
    }
