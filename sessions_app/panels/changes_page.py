"""The page of all changes: one part of the ledger, with the filters that lead to the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from sessions_app.panels import ledger_runs
from sessions_app.panels.ledger_filter import Filter, Place
from sessions_app.panels.ledger_words import WORDS
from sessions_app.panels.viewing import Viewing

LINES_A_PAGE = 50


@dataclass(frozen=True)
class Tab:
    """A filter as a link; `number` is how many changes it leads to, or None."""

    label: str
    url: str
    is_current: bool
    number: int | None = None


def context(view: Viewing, which: Filter, before: Place | None) -> dict[str, Any]:
    """`changes` of this part, `older` ones' address or "", and the filters as tabs."""
    page = reverse("changes", args=[view.project_id])
    changes = ledger_runs.tell(view, which, before, most_lines=LINES_A_PAGE)
    joiner = "" if (query := which.query()) == "?" else "&"
    return {
        "changes": changes,
        "is_list": which.is_list,
        "is_run": which.run is not None,
        "spans": span_tabs(view, which),
        "actors": [] if which.run else _actor_tabs(page, which),
        "kinds": _kind_tabs(page, which, changes.kinds),
        "older": f"{page}{query}{joiner}before={changes.older}" if changes.older else "",
    }


def span_tabs(view: Viewing, which: Filter) -> list[Tab]:
    """The spans as links, under the names of what the person did then."""
    page = reverse("changes", args=[view.project_id])
    labels = {
        "new": "New to you" if view.summary.is_anchored else "Since you left",
        "since": "Since you left",
        "last": "Your last session",
        "away": "While away",
        "now": "This session",
    }
    if not view.summary.is_anchored:
        # Both are the same then.
        del labels["since"]
    current = "new" if which.span == "since" and not view.summary.is_anchored else which.span
    return [
        Tab(label, page + which.query(span=span, run=None), not which.run and span == current)
        for span, label in labels.items()
    ]


def _actor_tabs(page: str, which: Filter) -> list[Tab]:
    labels = {"": "Everybody", "people": "People", "agents": "Agents"}
    return [Tab(label, page + which.query(by=by), by == which.by) for by, label in labels.items()]


def _kind_tabs(page: str, which: Filter, counts: dict[str, int]) -> list[Tab]:
    """Every kind of change there is in this part, with how many."""
    every = Tab("Everything", page + which.query(kind=""), not which.kind, sum(counts.values()))
    return [every] + [
        Tab(WORDS[name].did, page + which.query(kind=name), name == which.kind, number)
        for name, number in counts.items()
    ]
