"""When you were here last, what happened since in a sentence whose numbers are doors, and the notes others
left for you."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from sessions_app.panels.ledger_words import VERBS
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


# Where each number of the sentence leads: exactly the list that it counts.
_LISTS = {
    "decided": ("project_decided", "?span=since"),
    "by_agents": ("project_decided", "?span=since&by=agents"),
    "reopened": ("changes", "?span=since&kind=reopened"),
    "questions": ("questions", ""),
}


@dataclass(frozen=True)
class Said:
    """A piece of the sentence; `url` is where its number leads, or ""."""

    text: str
    url: str


@dataclass(frozen=True)
class Touched:
    """The last thing the person did in their last session."""

    verb: str
    subject: str
    url: str


def key(view: Viewing) -> Hashable:
    """All of it is one person's own."""
    summary = view.summary
    return (
        *(view.me.id, str(view.me), view.membership.is_owner, view.project.title, view.members),
        *(summary.last_session_end, summary.sentence_parts),
        view.told("lastTouched", "handOffs"),
    )


def context(view: Viewing) -> dict[str, Any]:
    """`me`, the `sentence` in pieces, `last_touched` or None, and others' `notes` since, newest first."""
    return {
        "me": view.me,
        "sentence": [
            Said(part.text, list_url(view.project_id, part.target) if part.target else "")
            for part in view.summary.sentence_parts
        ],
        "last_touched": _last_touched(view),
        "notes": [_note(view, row) for row in view.summary.raw["handOffs"]],
    }


def list_url(project_id: UUID, target: str) -> str:
    """The address of the list that a number of the sentence counts."""
    name, query = _LISTS[target]
    return reverse(name, args=[project_id]) + query


def _last_touched(view: Viewing) -> Touched | None:
    told = view.summary.raw["lastTouched"]
    if told is None:
        return None
    item_id = told["itemId"]
    return Touched(
        verb=VERBS[told["kind"]],
        subject=told["subject"],
        url=reverse("item", args=[view.project_id, item_id]) if item_id else "",
    )


def _note(view: Viewing, row: dict[str, Any]) -> Note:
    mark = view.namesakes.get(UUID(row["by_id"]), "")
    return Note(UUID(row["id"]), row["by"], mark, row["text"], parse_datetime(row["at"]))
