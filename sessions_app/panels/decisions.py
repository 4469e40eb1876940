"""The decision log: what was decided, by whom and why, and what became of it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Literal, get_args
from urllib.parse import urlencode
from uuid import UUID

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.db.planning import by_index
from sessions_app.exporters.rows import DecisionRow, Named
from sessions_app.insights import searching
from sessions_app.insights.stability import Stability
from sessions_app.panels.lives import stability_of

By = Literal["user", "agent", "system"]
WHO_DECIDES = get_args(By)
DECISIONS_A_PAGE = 30
# Of an item's text on a page; exports have all of it.
_TEXT_SHOWN_CHARACTERS = 600
_TEXT_WHOLE_CHARACTERS = 2**31 - 1

_PLACE = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """Which decisions are wanted: those that stand or all there ever were, by whom, saying what."""

    history: bool = False
    by: str = ""
    words: str = ""

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        given = {"q": self.words, "by": self.by, "history": "1" if self.history else ""}
        return urlencode({name: value for name, value in given.items() if value})


Place = tuple[int, int]


def read(
    project_id: UUID,
    asked: Asked,
    *,
    after: Place | None = None,
    recorded: tuple[dt.datetime | None, dt.datetime | None] = (None, None),
    most: int,
    is_whole: bool = False,
) -> list[DecisionRow]:
    """Decisions after a place, newest first; `is_whole`: with their whole texts.

    `recorded` is from and until when they came into the ledger, None: however long ago, or since.
    """
    version, activity_id = after or (None, None)
    since, until = recorded
    parameters = {
        "project": project_id,
        "history": asked.history,
        "by": asked.by,
        "since": since,
        "until": until,
        "after_version": version,
        "after_id": activity_id,
        "most": most,
        "text_most": _TEXT_WHOLE_CHARACTERS if is_whole else _TEXT_SHOWN_CHARACTERS,
    }
    search = searching.parse(asked.words)
    with by_index():
        return [_decision(row) for row in queries.rows("decision_log", parameters | search.parameters)]


def page(project_id: UUID, asked: Asked, *, cursor: str, most: int) -> tuple[list[DecisionRow], str]:
    """A page of decisions and the cursor of the next or "". Raises ValueError for a cursor that is none."""
    rows = read(project_id, asked, after=_parse_place(cursor) if cursor else None, most=most + 1)
    shown = rows[:most]
    return shown, f"{shown[-1].version}:{shown[-1].activity_id}" if len(rows) > most else ""


def context(project_id: UUID, asked: Asked, older: str) -> dict[str, Any]:
    """`decisions` and the cursor of the `older` ones, the `query` asked, the `stability` of all.

    Raises ValueError for a cursor that is none.
    """
    decisions, next_older = page(project_id, asked, cursor=older, most=DECISIONS_A_PAGE)
    return {
        "decisions": decisions,
        "older": next_older,
        "asked": asked,
        "query": asked.query,
        "stability": project_stability(project_id),
    }


def project_stability(project_id: UUID) -> Stability:
    """How well the project's decisions hold."""
    return stability_of(queries.rows("decision_lives", {"project": project_id, "now": clock.now()}))


def numbers(project_id: UUID) -> dict[UUID, int]:
    """The number of every item that was ever decided."""
    return {row["id"]: row["number"] for row in queries.rows("decision_numbers", {"project": project_id})}


def _parse_place(cursor: str) -> Place:
    found = _PLACE.fullmatch(cursor)
    if found is None:
        raise ValueError("not a cursor")
    return int(found[1]), int(found[2])


def _decision(row: dict[str, Any]) -> DecisionRow:
    fields = {
        name: value
        for name, value in row.items()
        if name not in ("people", "superseded_by_id", "superseded_by_title")
    }
    later = row["superseded_by_id"]
    return DecisionRow(
        **fields
        | {
            "alternatives": tuple(row["alternatives"]),
            # An import brings the names of its source.
            "decided_by": tuple(row["people"]) or ((row["decided_by"],) if row["decided_by"] else ()),
            "supersedes": tuple(Named(UUID(one["id"]), one["title"]) for one in row["supersedes"]),
            "superseded_by": Named(later, row["superseded_by_title"]) if later else None,
        }
    )
