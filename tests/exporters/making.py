"""A decision to write out."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sessions_app.exporters.rows import DecisionRow

WHEN = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
ONE, TWO = UUID(int=1), UUID(int=2)
NUMBERS = {ONE: 1, TWO: 2}


def decision(title: str = "Rent the mill hall", **more: object) -> DecisionRow:
    """A plain decision; what is given replaces what it says."""
    fields: dict[str, object] = {
        "activity_id": 1,
        "version": 1,
        "item_id": ONE,
        "is_there": True,
        "title": title,
        "text": "",
        "reason": "",
        "outcome": "",
        "alternatives": (),
        "decided_at": WHEN,
        "recorded_at": WHEN,
        "decided_by": ("Ann",),
        "by": "user",
        "quote": "",
        "message_id": None,
        "supersedes": (),
        "superseded_by": None,
        "review_at": None,
        "review_due_at": None,
        "contested_at": None,
        "contested_by": "",
        "contest_reason": "",
        "fate": "stands",
        "ended_at": None,
    }
    return DecisionRow(**fields | more)
