"""What every writer is given."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Named:
    """Another decision that is spoken of, by its item."""

    id: UUID
    title: str


@dataclass(frozen=True)
class DecisionRow:
    """One decision of the log.

    `by` is "user", "agent" or "system" (an import); `fate` is "stands", "superseded", "reopened", "parked",
    "deleted" or "decided again". `version` and `activity_id` are its place in the ledger, `recorded_at` is
    when it came there: of an import, `decided_at` is what its source says.
    """

    activity_id: int
    version: int
    item_id: UUID
    # Whether the item is there to be looked at.
    is_there: bool
    title: str
    text: str
    reason: str
    outcome: str
    alternatives: tuple[str, ...]
    decided_at: dt.datetime
    recorded_at: dt.datetime
    decided_by: tuple[str, ...]
    by: str
    quote: str
    message_id: UUID | None
    supersedes: tuple[Named, ...]
    superseded_by: Named | None
    review_at: dt.datetime | None
    review_due_at: dt.datetime | None
    contested_at: dt.datetime | None
    contested_by: str
    contest_reason: str
    fate: str
    ended_at: dt.datetime | None

    @property
    def has_more(self) -> bool:
        """Whether more is known of it than what, why, who and when."""
        return any(
            (
                *(self.alternatives, self.quote, self.supersedes, self.superseded_by),
                *(self.review_at, self.contested_at),
            )
        )
