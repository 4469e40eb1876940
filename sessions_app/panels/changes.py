"""What changed since the person was here, or said that they are caught up: by day and by who."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from sessions_app.models import Activity
from sessions_app.panels import changes_page, ledger_runs, steps
from sessions_app.panels.ledger_filter import Filter
from sessions_app.panels.ledger_lines import Line, line, who
from sessions_app.panels.viewing import Viewing

NAME = "changes"
TEMPLATE = "panels/_changes.html"
FOLLOWS = ("item.", "question.", "blocker.", "hand_off.")
MOST_LINES = 50
# Who is here for the first time has left nothing off: the last few lines tell that there is life.
MOST_LINES_FIRST = 10

# A page that is further behind loads anew; one that is not gets so many facts at a time.
MOST_BEHIND_VERSIONS = 5_000
CATCH_UP_FACTS = 500


@dataclass(frozen=True)
class Missed:
    """One fact that a page had missed."""

    id: int
    version: int
    who: str
    line: Line


def can_catch_up(view: Viewing, version: int) -> bool:
    """Whether what happened after `version` can still be told one by one."""
    return 0 <= view.summary.version - version <= MOST_BEHIND_VERSIONS


def catch_up(view: Viewing, version: int) -> dict[str, Any]:
    """`missed`: every fact after the project's version `version`, oldest first.

    `next` is where to go on, or "".
    Whole versions only: what one transaction did is told together.
    """
    rows = list(
        Activity.objects.filter(project_id=view.project_id, version__gt=version)
        .select_related("actor")
        .order_by("version", "id")[: CATCH_UP_FACTS + 1]
    )
    more = len(rows) > CATCH_UP_FACTS
    if more and rows[-1].version != rows[0].version:
        rows = [row for row in rows if row.version < rows[-1].version]
    elif more:
        # One import may do more in one version than is told at a time.
        rows = list(
            Activity.objects.filter(project_id=view.project_id, version=rows[0].version)
            .select_related("actor")
            .order_by("id")
        )
    last = rows[-1].version if rows else view.summary.version
    return {
        "missed": [Missed(row.id, row.version, who(row, view.me.id), line(row)) for row in rows],
        "next": f"{view.epoch}:{last}.{view.summary.member_version}" if more else "",
        "version": f"{last}.{view.summary.member_version}",
        "epoch": view.epoch,
    }


def key(view: Viewing) -> Hashable:
    """From where it tells, and what it says beside: who was away equally long shares it."""
    summary = view.summary
    return (
        *(summary.version, view.members, summary.is_first, summary.news_base),
        *(summary.is_anchored, summary.caught_up_at, summary.may_undo_catch_up),
        # What is next, where nothing changed.
        view.told("suggestedNextSteps"),
    )


def context(view: Viewing) -> dict[str, Any]:
    """`changes` since the person left or caught up, newest first; the last few for a first session."""
    is_new_here = view.summary.news_base is None
    most = MOST_LINES_FIRST if is_new_here else MOST_LINES
    return {
        "changes": ledger_runs.tell(view, Filter(), None, most_lines=most, counts=not is_new_here),
        "spans": changes_page.span_tabs(view, Filter()),
        # Where nothing changed, the panel says what is next.
        **steps.context(view),
    }


def between(view: Viewing, after: int, until: int) -> ledger_runs.Changes:
    """The same for what happened after the project's version `after`, up to `until`."""
    return ledger_runs.tell(view, Filter(), None, most_lines=MOST_LINES, versions=(after, until))
