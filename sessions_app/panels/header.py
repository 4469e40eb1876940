"""When you were here last, what happened since in a sentence, and the notes others left for you."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from sessions_app.panels.viewing import Viewing

NAME = "header"
TEMPLATE = "panels/_header.html"
FOLLOWS = ("item.", "question.", "hand_off.")


@dataclass(frozen=True)
class Note:
    """A hand-off that this person has not had a session after."""

    id: UUID
    who: str
    # What tells members apart who share the name, or "".
    mark: str
    text: str
    at: dt.datetime | None


def context(view: Viewing) -> dict[str, Any]:
    """`notes` that others left since, newest first, beside the summary that every panel has."""
    return {"notes": [_note(view, row) for row in view.summary.raw["handOffs"]]}


def _note(view: Viewing, row: dict[str, Any]) -> Note:
    mark = view.namesakes.get(UUID(row["by_id"]), "")
    return Note(UUID(row["id"]), row["by"], mark, row["text"], parse_datetime(row["at"]))
