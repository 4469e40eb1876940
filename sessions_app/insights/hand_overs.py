"""What is left for whoever goes on: a person's note, or what an agent reports as `details.handOff`.

That is `{to?, summary, next?}`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sessions_app.insights.activity_shapes import BadActivity, read_label, read_object, read_text, read_texts

KEY = "handOff"


@dataclass(frozen=True, slots=True)
class HandOver:
    """`to` is the agent it is meant for, or "" for whoever comes; what a person leaves is for everybody."""

    by: str
    to: str
    summary: str
    next: Sequence[str]
    at: dt.datetime
    by_person: bool = False


def hand_off_details(summary: str, to: str = "", next_steps: Sequence[str] = ()) -> dict[str, object]:
    """A report's details that hand over."""
    return {
        KEY: {"summary": summary}
        | ({"to": to} if to else {})
        | ({"next": list(next_steps)} if next_steps else {})
    }


def read_hand_over(by: str, details: Mapping[str, object], at: dt.datetime) -> HandOver | None:
    """What a stored report hands over; None where another agent means something else by the key."""
    try:
        fields = read_object(details.get(KEY), KEY)
        return HandOver(
            by,
            read_label(fields.get("to"), "to"),
            read_text(fields.get("summary"), "summary"),
            read_texts(fields.get("next"), "next"),
            at,
        )
    except BadActivity:
        return None
