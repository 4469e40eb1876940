"""The projects list: each with what waits for this person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sessions_app.db import queries
from sessions_app.models import User
from sessions_app.panels.paging import parse_place_in_halves, place_in_halves

PROJECTS_A_PAGE = 50
# The palette asks the server for others by their names.
MOST_OFFERED = 100


@dataclass(frozen=True)
class Page:
    """Rows of sql/queries/project_list.sql, what waits first, and the cursor of the `next` page or ""."""

    rows: list[dict[str, Any]]
    next: str


def page(user_id: UUID, *, archived: bool | None = None, words: str = "", after: str = "", most: int) -> Page:
    """One's projects, or only those `archived` or not, with `words` in their titles.

    Raises ValueError for a cursor that is none.
    """
    waits, moved_at, last_id = parse_place_in_halves(after) if after else (None, None, None)
    parameters = {
        "user": user_id,
        "archived": archived,
        "words": words,
        "after_waits": waits,
        "after_moved_at": moved_at,
        "after_id": last_id,
        # One more than is shown tells whether there is a next page.
        "most": most + 1,
    }
    rows = queries.rows("project_list", parameters)
    last = rows[most - 1] if len(rows) > most else None
    following = place_in_halves(last["waits"], last["moved_at"], last["id"]) if last else ""
    return Page(rows[:most], following)


def context(me: User, *, words: str = "", after: str = "") -> dict[str, Any]:
    """`projects` that are under way, and `archived` ones: a page of each, and how many are archived.

    Raises ValueError for a cursor that is none.
    """
    archived = archived_context(me, words=words)
    shown = len(archived["archived"])
    total = _count_archived(me, words) if archived["archived_next"] else shown
    return archived | under_way_context(me, words=words, after=after) | {"archived_total": total}


def under_way_context(me: User, *, words: str = "", after: str = "") -> dict[str, Any]:
    """`projects`, a page of them, and `projects_next`. Raises ValueError for a cursor that is none."""
    found = page(me.id, archived=False, words=words, after=after, most=PROJECTS_A_PAGE)
    return {"me": me, "words": words, "projects": found.rows, "projects_next": found.next}


def archived_context(me: User, *, words: str = "", after: str = "") -> dict[str, Any]:
    """`archived`, a page of them, and `archived_next`. Raises ValueError for a cursor that is none."""
    found = page(me.id, archived=True, words=words, after=after, most=PROJECTS_A_PAGE)
    return {"me": me, "words": words, "archived": found.rows, "archived_next": found.next}


def _count_archived(me: User, words: str) -> int:
    [row] = queries.rows("project_count", {"user": me.id, "archived": True, "words": words})
    return int(row["projects"])
