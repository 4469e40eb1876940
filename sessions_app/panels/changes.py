"""What changed since the last session, by day and by who."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.urls import reverse
from django.utils import timezone

from sessions_app.insights.durations import counted
from sessions_app.models import Activity
from sessions_app.panels import steps
from sessions_app.panels.days import day_label
from sessions_app.panels.ledger_words import SHOWN_KINDS, VERBS
from sessions_app.panels.viewing import Viewing

NAME = "changes"
TEMPLATE = "panels/_changes.html"
FOLLOWS = ("item.", "question.", "blocker.", "hand_off.")
MOST_LINES = 50
# Who is here for the first time has left nothing off: the last few lines tell that there is life.
MOST_LINES_FIRST = 10


@dataclass(frozen=True)
class Line:
    kind: str
    verb: str
    subject: str
    url: str
    before: str
    after: str
    reason: str
    at: dt.datetime


@dataclass(frozen=True)
class Group:
    who: str
    is_agent: bool
    lines: tuple[Line, ...]

    @property
    def summary(self) -> str:
        return counted(len(self.lines), "change", "changes")


@dataclass(frozen=True)
class Day:
    label: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Changes:
    total: int
    days: tuple[Day, ...]
    more: int
    since: dt.datetime | None

    @property
    def is_empty(self) -> bool:
        return self.total == 0


# A page that is further behind loads anew; one that is not gets so many facts at a time.
MOST_BEHIND_VERSIONS = 5_000
CATCH_UP_FACTS = 500


@dataclass(frozen=True)
class CaughtUp:
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
        "missed": [CaughtUp(row.id, row.version, _who(view, row), line(row)) for row in rows],
        "next": f"{view.epoch}:{last}.{view.summary.member_version}" if more else "",
        "version": f"{last}.{view.summary.member_version}",
        "epoch": view.epoch,
    }


def context(view: Viewing) -> dict[str, Any]:
    """`changes` since the end of the last session, newest first; the last few for a first session."""
    return {
        "changes": _changes(view, _rows(view), view.summary.last_session_end),
        # Where nothing changed, the panel says what is next.
        **steps.context(view),
    }


def between(view: Viewing, after: int, until: int) -> Changes:
    """The same for what happened after the project's version `after`, up to `until`."""
    rows = _told(view, after).filter(version__lte=until)
    return _changes(view, rows.annotate(total=Window(Count("id")))[:MOST_LINES], None)


def _changes(view: Viewing, rows: QuerySet[Activity], since: dt.datetime | None) -> Changes:
    found = list(rows)
    total = int(getattr(found[0], "total", len(found))) if found else 0
    days = tuple(
        Day(day_label(day), _groups(view, list(rows)))
        for day, rows in itertools.groupby(found, key=lambda row: timezone.localdate(row.created_at))
    )
    return Changes(total, days, total - len(found), since)


def _rows(view: Viewing) -> QuerySet[Activity]:
    since = view.summary.last_end_version
    rows = _told(view, since or 0)
    if since is None:
        return rows[:MOST_LINES_FIRST]
    # Counted in the same statement; its cost grows with what changed, never with the project.
    return rows.annotate(total=Window(Count("id")))[:MOST_LINES]


def _told(view: Viewing, after: int) -> QuerySet[Activity]:
    """What is told of all that happened after a version."""
    return (
        Activity.objects.since(after)
        .filter(project_id=view.project_id, kind__in=SHOWN_KINDS)
        # Twice told otherwise: a dependency's blocker follows its item's decision, a question's
        # blocker its question.
        .exclude(kind__startswith="blocker.", item_id__isnull=False)
        .exclude(kind="blocker.raised", question_id__isnull=False)
        .select_related("actor")
    )


def _groups(view: Viewing, rows: list[Activity]) -> tuple[Group, ...]:
    """Runs of one actor, folded; the order of time stays."""
    runs = itertools.groupby(rows, key=lambda row: (row.actor_kind, row.actor_id, row.actor_agent))
    return tuple(
        Group(_who(view, run[0]), run[0].actor_kind == "agent", tuple(line(row) for row in run))
        for run in (list(rows) for _, rows in runs)
    )


def _who(view: Viewing, row: Activity) -> str:
    if row.actor_id == view.me.id:
        return "You"
    return str(row.actor) if row.actor else row.actor_agent or "Leftoff"


def line(row: Activity) -> Line:
    """One ledger row as a line: the verb, what it is about, and from what to what."""
    data = row.data
    is_state = row.kind in ("item.added", "item.decided", "item.parked", "item.explored", "item.deleted")
    return Line(
        kind=row.kind,
        verb=VERBS[row.kind],
        subject=_subject(data),
        url=_url(row),
        before=str(data.get("before", "")) if is_state else "",
        after=str(data.get("after", "")) if is_state else "",
        reason=str(data.get("reason") or data.get("how") or ""),
        at=row.created_at,
    )


def _subject(data: dict[str, Any]) -> str:
    member = data.get("member")
    if isinstance(member, dict):
        return str(member.get("name", ""))
    return str(data.get("title") or data.get("text") or data.get("after") or "")


def _url(row: Activity) -> str:
    page = reverse("project", args=[row.project_id])
    if row.kind == "item.deleted":
        return ""
    if row.item_id:
        return reverse("item", args=[row.project_id, row.item_id])
    for name, subject in (
        ("question", row.question_id if row.kind == "question.asked" else None),
        ("blocker", row.blocker_id if row.kind == "blocker.raised" else None),
        ("message", row.message_id),
    ):
        if subject:
            return f"{page}#{name}-{subject}"
    return ""
