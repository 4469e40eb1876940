"""What the intake refused, as the owners of its project are told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from sessions_app.db import queries
from sessions_app.db.rls import acting_as_system
from sessions_app.metrics.intake import Door
from sessions_app.services.errors import (
    Archived,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    ServiceError,
    TooLong,
    TooMany,
    Unavailable,
)

# The finer kinds before those they are kinds of.
_REASONS: dict[type[ServiceError], str] = {
    TooLong: "too-large",
    Invalid: "bad-value",
    Archived: "archived",
    Conflict: "conflict",
    NotAllowed: "no-right",
    NotFound: "not-there",
    TooMany: "rate-limit",
    Unavailable: "unavailable",
}


def reason_of(refused: ServiceError) -> str:
    """Which word of metrics/intake.py says why."""
    return next((word for kind, word in _REASONS.items() if isinstance(refused, kind)), "bad-value")


@dataclass(frozen=True)
class Refused:
    """One kind of refusal within an hour. `user_id` None: by an agent's token of that project."""

    project_id: UUID
    user_id: UUID | None
    hour: dt.datetime
    door: Door
    reason: str

    @property
    def kind(self) -> str:
        """Whether it was people's input or an agent's report: the words of models/tracking.py."""
        return "tracked" if self.user_id and self.door in (Door.PAGE, Door.TRACK) else "reported"


def keep(refused: Mapping[Refused, int]) -> None:
    """Add refusals to those of their hours. Those by people who are no members of the project are left out:
    nobody writes into a page that is not for them."""
    if not refused:
        return
    rows = [
        {
            "project_id": str(each.project_id),
            "user_id": str(each.user_id) if each.user_id else None,
            "hour": each.hour.isoformat(),
            "door": each.kind,
            "reason": each.reason,
            "times": times,
        }
        for each, times in refused.items()
    ]
    with acting_as_system({each.project_id for each in refused}), connection.cursor() as cursor:
        cursor.execute(queries.text("keep_refusals"), {"refused": json.dumps(rows)})
