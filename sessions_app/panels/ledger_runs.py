"""What changed, told by day and in runs: facts of one actor, one after the other."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from sessions_app.db import queries
from sessions_app.models import Activity, User
from sessions_app.panels import spans
from sessions_app.panels.days import day_label
from sessions_app.panels.ledger_filter import Filter, Place, place_in_words
from sessions_app.panels.ledger_lines import Line, line, who
from sessions_app.panels.ledger_words import SHOWN_KINDS, WORDS, by_word, run_in_words
from sessions_app.panels.viewing import Viewing

# A run with more lines than that is told by what its counts say: an import, an agents' log of a night.
LONG_RUN = 12
# After the first version, up to the second (None: to now).
Versions = tuple[int, int | None]

# Lines of a run that are shown without unfolding it.
LINES_SHOWN, LINES_SHOWN_OF_LONG = 4, 3
# Runs are made of so many facts at most.
MOST_READ = 2_000

_COLUMNS = (
    *("id", "project_id", "version", "kind", "actor_kind", "actor_agent"),
    *("item_id", "question_id", "blocker_id", "message_id", "data", "created_at"),
)


@dataclass(frozen=True)
class Count:
    """How often something happened in a run, and where each time is told."""

    did: str
    number: int
    url: str


@dataclass(frozen=True)
class Group:
    """A run; `lines` are its newest ones, `total` is how many there are."""

    who: str
    # The person; to them it says "You".
    by: UUID | None
    is_agent: bool
    lines: tuple[Line, ...]
    total: int
    summary: str
    counts: tuple[Count, ...]
    url: str

    @property
    def is_long(self) -> bool:
        return self.total > LONG_RUN

    @property
    def first_lines(self) -> tuple[Line, ...]:
        return self.lines[: self._shown]

    @property
    def folded_lines(self) -> tuple[Line, ...]:
        return self.lines[self._shown :]

    @property
    def _shown(self) -> int:
        return LINES_SHOWN_OF_LONG if self.is_long else LINES_SHOWN


@dataclass(frozen=True)
class Day:
    label: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Changes:
    """`more` facts are not in `days`; `older` is the cursor of what follows, or "".

    `newest` is the project's version that the first of them made: who has read it has read all.

    `kinds` says how often each word of `ledger_words` is in the whole stretch, whatever kind was asked for.
    """

    total: int
    kinds: dict[str, int]
    days: tuple[Day, ...]
    more: int
    older: str
    newest: int

    @property
    def is_empty(self) -> bool:
        return self.total == 0


@dataclass(frozen=True)
class Facts:
    """Rows of the ledger, newest first, each with the run it is in; and how often each kind is there."""

    rows: list[dict[str, Any]]
    kinds: dict[str, int]


def read_facts(
    view: Viewing,
    which: Filter,
    before: Place | None,
    *,
    most_lines: int,
    most_of_run: int = MOST_READ,
    counts: bool = False,
    versions: Versions | None = None,
) -> Facts:
    """A stretch of the ledger (queries/changes.sql): the filter's span, or what `versions` bounds.

    Without `counts` no kinds are counted.
    """
    if which.run:
        versions = (0, None)
    low, high = versions or spans.bounds(view.summary, which.span)
    first, last = which.run or ((None, None), (None, None))
    found = queries.rows(
        "changes",
        {
            "project": view.project_id,
            "low": low,
            "high": high,
            "run_version": first[0],
            "run_id": first[1],
            "run_until_version": last[0],
            "run_until_id": last[1],
            "shown_kinds": list(SHOWN_KINDS),
            "kinds": which.kinds,
            "by": which.actor_kind,
            "before_version": before[0] if before else None,
            "before_id": before[1] if before else None,
            "zone": timezone.get_current_timezone_name(),
            "most_read": MOST_READ,
            "most_of_run": most_of_run,
            "most_lines": most_lines,
            "counts": counts,
        },
    )
    return Facts([row for row in found if row["id"] is not None], found[0]["all_kinds"] or {})


def tell(
    view: Viewing,
    which: Filter,
    before: Place | None,
    *,
    most_lines: int,
    counts: bool = True,
    versions: Versions | None = None,
) -> Changes:
    """What happened, newest first: whole runs, each with its newest lines; or in a list every line.

    Of the filter's span, or after one and up to the other of `versions`. Without `counts` what is beyond
    these lines is not counted.
    """
    most_of_run = MOST_READ if which.is_list else LONG_RUN
    found = read_facts(
        view,
        which,
        before,
        most_lines=most_lines + 1,
        most_of_run=most_of_run,
        counts=counts,
        versions=versions,
    )
    rows, is_cut = found.rows[:most_lines], len(found.rows) > most_lines
    if is_cut and not which.is_list:
        rows = _whole_runs(rows)
    told = sum({row["run"]: row["run_total"] for row in rows}.values())
    total = sum(found.kinds.get(kind, 0) for kind in which.kinds) if counts else told
    return Changes(
        total=total,
        kinds=by_word(found.kinds),
        days=tuple(
            Day(day_label(day), _groups(view, which, list(of_day)))
            for day, of_day in itertools.groupby(rows, key=_day)
        ),
        more=max(0, total - told),
        older=_older(which, rows, is_cut or told == MOST_READ),
        newest=rows[0]["version"] if rows else 0,
    )


def activity(row: dict[str, Any]) -> Activity:
    """A row of `read_facts` as the ledger row it is, its actor read along."""
    actor = User(id=row["actor_id"], display_name=row["actor_name"]) if row["actor_id"] else None
    return Activity(actor=actor, **{name: row[name] for name in _COLUMNS})


def _day(row: dict[str, Any]) -> dt.date:
    day: dt.date = row["day"]
    return day


def _older(which: Filter, rows: list[dict[str, Any]], is_more: bool) -> str:
    if not (rows and is_more):
        return ""
    last = rows[-1]
    return place_in_words((last["version"], last["id"]) if which.is_list else tuple(last["run_low"]))


def _whole_runs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the last run, if not all of its lines to show are there."""
    last = rows[-1]
    lines = [row for row in rows if row["run"] == last["run"]]
    is_whole = len(lines) == min(last["run_total"], LONG_RUN) or len(lines) == len(rows)
    return rows if is_whole else rows[: -len(lines)]


def _groups(view: Viewing, which: Filter, rows: list[dict[str, Any]]) -> tuple[Group, ...]:
    runs = itertools.groupby(rows, key=lambda row: row["run"])
    return tuple(_group(view, which, list(run)) for _, run in runs)


def _group(view: Viewing, which: Filter, rows: list[dict[str, Any]]) -> Group:
    facts = [activity(row) for row in rows]
    first = rows[0]
    page = reverse("changes", args=[view.project_id])
    run = (tuple(first["run_low"]), tuple(first["run_high"]))
    counts = by_word(first["run_kinds"])
    is_agent = facts[0].actor_kind == "agent"
    return Group(
        who=who(facts[0]),
        by=facts[0].actor_id,
        is_agent=is_agent,
        lines=tuple(line(fact) for fact in facts),
        total=first["run_total"],
        summary=run_in_words(counts, is_agent=is_agent),
        counts=tuple(
            Count(WORDS[name].did, number, page + which.query(kind=name, run=run))
            for name, number in counts.items()
        ),
        url=page + which.query(run=run),
    )
