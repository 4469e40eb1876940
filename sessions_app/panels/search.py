"""What is found in a project: items, decisions, messages and questions, best first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from sessions_app.db import queries
from sessions_app.insights import searching
from sessions_app.insights.durations import counted
from sessions_app.panels.addresses import message_url, row_url

Type = Literal["item", "decision", "message", "question"]
TYPES = get_args(Type)
FOUND_A_PAGE = 20
# Whoever has not found it among so many needs other words, not another page.
MOST_FOUND = 200
# Of each kind the newest that match; a word that is nearly everywhere ranks nothing.
_MOST_RANKED = 2_000

# The marks of sql/queries/search.sql: a word begins, a word ends, "<".
_BEGINS, _ENDS, _LESS = "\ue000", "\ue001", "\x01"


@dataclass(frozen=True)
class Found:
    """Something that was found. Title and snippet still have the statement's marks in them."""

    type: Type
    id: UUID
    title: str
    snippet: str
    state: str
    who: str
    is_agent: bool
    at: dt.datetime
    url: str

    @property
    def title_marked(self) -> SafeString:
        """The title as HTML, the words that were looked for in <mark>."""
        return _marked(self.title)

    @property
    def snippet_marked(self) -> SafeString:
        """The snippet as HTML, the words that were looked for in <mark>."""
        return _marked(self.snippet)


def found(
    project_id: UUID,
    words: str,
    *,
    types: tuple[str, ...] = TYPES,
    hides_agents: bool = False,
    skipped: int = 0,
    most: int = FOUND_A_PAGE,
) -> list[Found]:
    """What matches, best first. `hides_agents` leaves out what agents said in the chat, as the chat does."""
    search = searching.parse(words)
    if not search.words:
        return []
    asked = {
        "project": project_id,
        "types": list(types),
        "hides_agents": hides_agents,
        "most_ranked": _MOST_RANKED,
        "skipped": skipped,
        "most": most,
    }
    return [_found(project_id, row) for row in queries.rows("search", asked | search.parameters)]


def context(project_id: UUID, words: str, *, kind: str, page: int, hides_agents: bool) -> dict[str, Any]:
    """`found`: a page of it, and what the page's form and links need. `kind`: one of TYPES, "" for all."""
    rows = found(
        project_id,
        words,
        types=(kind,) if kind else TYPES,
        hides_agents=hides_agents,
        skipped=(page - 1) * FOUND_A_PAGE,
        # One more than is shown tells whether there is a next page.
        most=FOUND_A_PAGE + 1,
    )
    has_more = len(rows) > FOUND_A_PAGE
    return {
        "words": words,
        "kind": kind,
        "kinds": TYPES,
        "found": rows[:FOUND_A_PAGE],
        "page": page,
        "next_page": page + 1 if has_more and page * FOUND_A_PAGE < MOST_FOUND else None,
        "has_too_many": has_more and page * FOUND_A_PAGE >= MOST_FOUND,
        # For the live region, as one types.
        "announcement": _in_words(len(rows)) if words else "",
    }


def _in_words(number: int) -> str:
    if number > FOUND_A_PAGE:
        return f"{FOUND_A_PAGE} results, and more"
    return counted(number, "result", "results")


def unmarked(text: str) -> str:
    """A title or snippet as plain text."""
    return text.replace(_LESS, "<").replace(_BEGINS, "").replace(_ENDS, "")


def _marked(text: str) -> SafeString:
    # Escaped first: what is a tag in somebody's text never becomes one here.
    escaped = escape(text.replace(_LESS, "<"))
    return mark_safe(escaped.replace(_BEGINS, "<mark>").replace(_ENDS, "</mark>"))  # noqa: S308 -- escaped above


def _found(project_id: UUID, row: dict[str, Any]) -> Found:
    return Found(
        type=row["type"],
        id=row["id"],
        title=row["title"],
        snippet=row["snippet"],
        state=row["state"],
        who=row["who"],
        is_agent=bool(row["is_agent"]),
        at=row["at"],
        url=_url(project_id, row),
    )


def _url(project_id: UUID, row: dict[str, Any]) -> str:
    if row["type"] in ("item", "decision"):
        return reverse("item", args=[project_id, row["id"]])
    # Of a question that was answered, the answer.
    if row["message_id"] is not None:
        return message_url(project_id, row["message_id"])
    return row_url(project_id, "question", row["id"])
