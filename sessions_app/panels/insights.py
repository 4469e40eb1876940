"""Figures of sessions, decisions and questions in a period, read from the roll-ups and from nothing else."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args
from uuid import UUID

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.insights.definitions import OF_SESSIONS, Measure
from sessions_app.insights.figures import Spread, spread
from sessions_app.insights.names import Named, marks_apart
from sessions_app.insights.periods import Period
from sessions_app.insights.stability import Stability
from sessions_app.models import SessionRollup, WorkRollup
from sessions_app.panels.lives import stability_of

# Who decides: a person, an agent, or an import.
Decider = Literal["user", "agent", "system"]
DECIDERS: tuple[Decider, ...] = get_args(Decider)

_DECIDED, _ASKED, _ANSWERED = "item.decided", "question.asked", "question.answered"
_DISMISSED, _EXPIRED = "question.dismissed", "question.expired"
_KINDS = [_DECIDED, _ASKED, _ANSWERED, _DISMISSED, _EXPIRED]


@dataclass(frozen=True)
class Stretch:
    """The sessions that began in one stretch of a period: a day, or several from `day` on."""

    day: dt.date
    sessions: int = 0
    people: int = 0
    open_seconds: int = 0
    active_seconds: int = 0
    items_decided: int = 0


@dataclass(frozen=True)
class Sessions:
    """Sessions of one period: the numbers of each measure in order, and its stretches, none left out."""

    numbers: Mapping[Measure, Sequence[int]]
    stretches: tuple[Stretch, ...]

    @property
    def count(self) -> int:
        return sum(stretch.sessions for stretch in self.stretches)

    @property
    def open_seconds(self) -> int:
        return sum(stretch.open_seconds for stretch in self.stretches)

    @property
    def active_seconds(self) -> int:
        return sum(stretch.active_seconds for stretch in self.stretches)

    @property
    def items_decided(self) -> int:
        return sum(stretch.items_decided for stretch in self.stretches)

    @property
    def active_share(self) -> float | None:
        """The part of the open time in which something was done, 0 to 1; None without any."""
        return self.active_seconds / self.open_seconds if self.open_seconds else None

    def spread(self, measure: Measure) -> Spread | None:
        return spread(self.numbers.get(measure, ()))


@dataclass(frozen=True)
class Work:
    """A project's work in one period: decisions by whom in each stretch, and what became of questions."""

    stretches: tuple[Mapping[Decider, int], ...]
    asked: int
    answered: int
    dismissed: int
    expired: int

    @cached_property
    def decisions(self) -> Mapping[Decider, int]:
        return {who: sum(stretch.get(who, 0) for stretch in self.stretches) for who in DECIDERS}

    @property
    def decided(self) -> int:
        return sum(self.decisions.values())


@dataclass(frozen=True)
class Row:
    """A person's sessions in a project, or one's own in one of one's projects."""

    id: UUID
    name: str
    # What tells apart people whose names read alike, or "".
    mark: str
    sessions: int
    days: int
    open_seconds: int
    active_seconds: int
    items_decided: int

    @property
    def active_share(self) -> float | None:
        return self.active_seconds / self.open_seconds if self.open_seconds else None


@dataclass(frozen=True)
class Insights:
    """All figures of a period and of the one before.

    The period ends where counting does. `work` and `stability` are a project's, None of one's own over all
    projects. `counted_until` is until when everything is counted: None where nothing is yet. `is_everybodys`:
    whose sessions it is.
    """

    period: Period
    stretch_days: int
    now: Sessions
    before: Sessions
    work: Work | None
    work_before: Work | None
    stability: Stability | None
    counted_until: dt.datetime | None
    is_everybodys: bool
    # Whether anything was ever counted.
    is_begun: bool

    @property
    def measures(self) -> tuple[Measure, ...]:
        return OF_SESSIONS if self.work is None else tuple(Measure)


def of_project(project_id: UUID, user_id: UUID | None, period: Period, *, stretch_days: int = 0) -> Insights:
    """A project's figures; of its sessions those of one person, or with None everybody's.

    `stretch_days` is how many days a stretch of the result has; 0: as the period's charts do.
    """
    whose = {"project": project_id, "user": user_id}
    told = queries.rows("insight_counted", {"project": project_id, "now": clock.now()})
    counted_until, period = _counted(told, period)
    size = stretch_days or period.stretch_days
    parameters = _parameters(period, size) | whose
    now, before = _sessions(period, size, parameters)
    work, work_before = _work(period, size, parameters)
    return Insights(
        period=period,
        stretch_days=size,
        now=now,
        before=before,
        work=work,
        work_before=work_before,
        stability=_stability(project_id, period),
        counted_until=counted_until,
        is_everybodys=user_id is None,
        is_begun=bool(now.count or work.decided or _is_begun(project_id, user_id)),
    )


def of_person(user_id: UUID, period: Period, *, stretch_days: int = 0) -> Insights:
    """One's own sessions over all one's projects; counted up to where all of them are."""
    whose = {"project": None, "user": user_id}
    told = queries.rows("insight_own_counted", {"user": user_id, "now": clock.now()})
    counted_until, period = _counted(told, period)
    size = stretch_days or period.stretch_days
    now, before = _sessions(period, size, _parameters(period, size) | whose)
    return Insights(
        period=period,
        stretch_days=size,
        now=now,
        before=before,
        work=None,
        work_before=None,
        stability=None,
        counted_until=counted_until,
        is_everybodys=False,
        is_begun=bool(now.count) or SessionRollup.objects.filter(user_id=user_id).exists(),
    )


def people(project_id: UUID, period: Period, most: int | None = None) -> tuple[list[Row], int]:
    """Each person with sessions in the period, most sessions first, and how many there are in all."""
    found = queries.rows(
        "insight_people",
        _range(period) | {"project": project_id, "days": _array(period.starts), "most": most},
    )
    marks = marks_apart(Named(row["id"], row["name"], row["email"]) for row in found)
    return [_row(row, row["name"], marks.get(row["id"], "")) for row in found], (
        found[0]["people"] if found else 0
    )


def projects(user_id: UUID, period: Period, most: int | None = None) -> tuple[list[Row], int]:
    """A person's projects with their own sessions there, most first, and how many there are in all."""
    found = queries.rows(
        "insight_projects", _range(period) | {"user": user_id, "days": _array(period.starts), "most": most}
    )
    return [_row(row, row["title"], "") for row in found], found[0]["projects"] if found else 0


def _counted(told: list[dict[str, Any]], period: Period) -> tuple[dt.datetime | None, Period]:
    """Until when everything is counted, as a query told, and the period up to then."""
    [row] = told
    until: dt.datetime | None = row["until"]
    return until, period.up_to(until) if until else period


def _range(period: Period) -> dict[str, Any]:
    return {"start": period.start, "end": period.end}


def _parameters(period: Period, size: int) -> dict[str, Any]:
    before = period.before
    return {
        **_range(period),
        "start_before": before.start,
        "end_before": before.end,
        "days": _array(period.starts),
        "days_before": _array(before.starts),
        "stretches": _array(period.moments(period.stretches(size))),
        "stretches_before": _array(before.moments(before.stretches(size))),
    }


def _array(moments: Iterable[dt.datetime]) -> str:
    """As PostgreSQL writes it; the driver would look at each first to find out what it is."""
    return f"{{{','.join(moment.isoformat() for moment in moments)}}}"


def _sessions(period: Period, size: int, parameters: dict[str, Any]) -> tuple[Sessions, Sessions]:
    rows = queries.rows("insight_sessions", parameters)

    def of(is_now: bool, days: tuple[dt.date, ...]) -> Sessions:
        mine = [row for row in rows if row["is_now"] == is_now]
        stretches = {row["at"]: row["numbers"] for row in mine if row["what"] == "stretch"}
        return Sessions(
            numbers={
                Measure(row["what"]): sorted(row["numbers"]) for row in mine if row["what"] != "stretch"
            },
            stretches=tuple(Stretch(day, *stretches.get(at, ())) for at, day in enumerate(days, 1)),
        )

    return of(True, period.stretches(size)), of(False, period.before.stretches(size))


def _work(period: Period, size: int, parameters: dict[str, Any]) -> tuple[Work, Work]:
    rows = queries.rows("insight_work", parameters | {"kinds": _KINDS})

    def of(is_now: bool, stretches: int) -> Work:
        mine = [row for row in rows if row["is_now"] == is_now]
        times = Counter[str]()
        decided: list[dict[Decider, int]] = [{} for _ in range(stretches)]
        for row in mine:
            times[row["kind"]] += row["times"]
            if row["kind"] == _DECIDED:
                decided[row["at"] - 1][row["actor_kind"]] = row["times"]
        return Work(tuple(decided), times[_ASKED], times[_ANSWERED], times[_DISMISSED], times[_EXPIRED])

    return of(True, len(period.stretches(size))), of(False, len(period.before.stretches(size)))


def _stability(project_id: UUID, period: Period) -> Stability:
    """How well the decisions that began in the period hold, as of now."""
    asked = _range(period) | {"project": project_id, "now": clock.now()}
    return stability_of(queries.rows("insight_lives", asked))


def _is_begun(project_id: UUID, user_id: UUID | None) -> bool:
    sessions = SessionRollup.objects.filter(project_id=project_id)
    if user_id is not None:
        sessions = sessions.filter(user_id=user_id)
    return sessions.exists() or WorkRollup.objects.filter(project_id=project_id, kind__in=_KINDS).exists()


def _row(row: Mapping[str, Any], name: str, mark: str) -> Row:
    return Row(
        row["id"],
        name,
        mark,
        row["sessions"],
        row["days"],
        row["open_seconds"],
        row["active_seconds"],
        row["items_decided"],
    )
