"""Bringing an item from one state into another, within a change under way. The verbs are in items.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sessions_app.ledger import Change, Kind
from sessions_app.models import Item
from sessions_app.models.items import State
from sessions_app.services import asking

# Whether its decision is to be looked at again.
REVIEW_FIELDS = ["review_at", "review_due_at", "contested_at", "contested_by", "contest_reason"]
# What `set_state` changes of a row.
STATE_FIELDS = [
    "state",
    "reason",
    "outcome",
    "alternatives",
    *REVIEW_FIELDS,
    "wake_at",
    "wake_item",
    "wake_sessions",
    "woke_at",
    "superseded_by",
    "idle_warned_at",
    "version",
    "state_version",
    "decided_version",
    "changed_at",
    "state_changed_at",
    "state_by",
    "state_by_agent",
]
_KIND_OF = {
    State.EXPLORING: Kind.ITEM_EXPLORED,
    State.DECIDED: Kind.ITEM_DECIDED,
    State.PARKED: Kind.ITEM_PARKED,
}
_REVIEW_ENDED_BY = {
    State.EXPLORING: "the item was reopened",
    State.DECIDED: "it was decided anew",
    State.PARKED: "the item was parked",
}


@dataclass(frozen=True)
class Said:
    """What is said of an item with its state, and ends with it: each the item's field of that name."""

    reason: str = ""
    outcome: str = ""
    # Of a decision: what else was considered, and when to look at it again.
    alternatives: tuple[str, ...] = ()
    review_at: dt.datetime | None = None
    # Of a parked item: what wakes it, and which decision took its place.
    wake_at: dt.datetime | None = None
    wake_item: Item | None = None
    wake_sessions: int | None = None
    superseded_by: Item | None = None

    def is_of(self, item: Item) -> bool:
        """Whether the item says just this."""
        return self == Said(
            **{field.name: getattr(item, field.name) for field in fields(self)}
            | {"alternatives": tuple(item.alternatives)}
        )


def set_state(
    change: Change,
    item: Item,
    state: State,
    said: Said,
    *,
    supersedes: Iterable[Item] = (),
    when: dt.datetime | None = None,
) -> None:
    """Bring an item into a state and record it; the caller saves STATE_FIELDS.

    `supersedes` are the items whose place a decision takes, for the record. `when` is the moment to show,
    where a source dates it otherwise than now.
    """
    change.record(
        _KIND_OF[state],
        item_id=item.id,
        title=item.title,
        before=item.state,
        after=state,
        **_as_data(said, supersedes),
    )
    end_review(change, item, _REVIEW_ENDED_BY[state])
    item.state, item.woke_at, item.idle_warned_at = state, None, None
    for field in fields(said):
        setattr(item, field.name, getattr(said, field.name))
    item.alternatives = list(said.alternatives)
    item.version = item.state_version = change.version
    item.changed_at = item.state_changed_at = when or change.now
    item.state_by_id, item.state_by_agent = change.actor.user_id, change.actor.agent_type
    if state == State.DECIDED:
        item.decided_version = change.version


def end_review(change: Change, item: Item, how: str) -> None:
    """Ask no more whether the decision stands; `how` says why not. The caller saves REVIEW_FIELDS."""
    if item.contested_at is not None:
        asking.retire(change, asking.open_reviews(change.project_id, item.id), how)
    item.contested_at, item.contested_by, item.contest_reason = None, None, ""
    item.review_due_at = None


def named(item: Item) -> dict[str, str]:
    """How the ledger names another item."""
    return {"id": str(item.id), "title": item.title}


def _as_data(said: Said, supersedes: Iterable[Item]) -> dict[str, Any]:
    """What is said, as the ledger keeps it; what few rows have is left out of the others."""
    data: dict[str, Any] = {
        "reason": said.reason,
        "outcome": said.outcome,
        "wake_at": said.wake_at.isoformat() if said.wake_at else None,
    }
    rare = {
        "alternatives": list(said.alternatives),
        "review_at": said.review_at.isoformat() if said.review_at else None,
        "supersedes": [named(item) for item in supersedes],
        "wake_item": named(said.wake_item) if said.wake_item else None,
        "wake_sessions": said.wake_sessions,
        "superseded_by": named(said.superseded_by) if said.superseded_by else None,
    }
    return data | {name: value for name, value in rare.items() if value}
