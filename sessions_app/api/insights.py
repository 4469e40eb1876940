"""Figures of a project's sessions and work in a period."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from sessions_app import clock
from sessions_app.api.decisions import StabilityShown, stability_shown
from sessions_app.api.door import OWN_THAT_MAY_LAG, ApiRequest, Place, operation
from sessions_app.api.reading import Id, Query
from sessions_app.api.showing import Data, Shown
from sessions_app.insights import periods
from sessions_app.insights.definitions import MEASURES, Measure, Unit
from sessions_app.insights.figures import Spread, histogram
from sessions_app.insights.periods import BadPeriod, Period
from sessions_app.panels import insights as panel
from sessions_app.panels import insights_page
from sessions_app.panels.insights import Insights, Work
from sessions_app.services.bearers import PersonCaller
from sessions_app.services.errors import Invalid

router = Place("/projects/{project_id}", "Insights")

DATE = "a date like 2026-03-31, of your own time zone"


class InsightsQuery(Query):
    first: str = Field("", alias="from", max_length=10, description=f"{DATE}; left out: 30 days in all")
    last: str = Field("", alias="to", max_length=10, description=f"{DATE}; left out: today")


class DaysShown(Shown):
    """The first and the last day of a period."""

    first: dt.date = Field(alias="from")
    last: dt.date = Field(alias="to")


class SpreadShown(Shown):
    """In the figure's unit; percentiles on the straight line between two neighbours."""

    n: int
    median: float
    p95: float
    mean: float


class ClassShown(Shown):
    """How many numbers are at least `atLeast` and in no later class."""

    at_least: float
    times: int
    times_before: int


class FigureShown(Shown):
    """A figure, what it means and how it is computed; null where there is nothing to compute it from."""

    key: Measure
    name: str
    unit: Unit
    meaning: str
    computed: str
    now: SpreadShown | None
    before: SpreadShown | None
    classes: list[ClassShown]


class DayShown(Shown):
    """The sessions that began on one day, and how many on the day it is compared with."""

    day: dt.date
    sessions: int
    sessions_before: int
    people: int
    open_seconds: int
    active_seconds: int
    items_decided: int


class WorkShown(Shown):
    """Decisions by whom, and what became of questions."""

    decided_by_people: int
    decided_by_agents: int
    decided_by_imports: int
    questions_asked: int
    questions_answered: int
    questions_dismissed: int
    questions_expired: int


class InsightsShown(Shown):
    """Figures of a period and of as many days some whole weeks earlier.

    `sessionsOf`: everybody's, or with a lesser role than owner one's own; decisions and questions are always
    the whole project's. `countedUntil` is until when all is counted: a period not over by then ends with
    the last quarter of an hour before, and the other one at the same time. Stability is of decisions of the
    period.
    """

    period: DaysShown
    before: DaysShown
    time_zone: str
    counted_until: dt.datetime | None
    sessions_of: Literal["everybody", "you"]
    figures: list[FigureShown]
    days: list[DayShown]
    work: WorkShown
    work_before: WorkShown
    stability: StabilityShown


@operation(router, "GET", "/insights", gives={200: Data[InsightsShown]}, may=OWN_THAT_MAY_LAG)
def project_insights(request: ApiRequest, project_id: Id, query: InsightsQuery) -> Data[InsightsShown]:
    """How the work goes: sessions, decisions and questions, each figure with its definition.

    The median comes first. Without dates it is the last 30 days. A session belongs to the day it began on, in
    your own time zone.
    """
    assert request.membership is not None
    assert isinstance(request.caller, PersonCaller)
    zone = request.caller.user.zone
    try:
        period = periods.choose(clock.now(), zone, first=query.first, last=query.last)
    except BadPeriod as bad:
        raise Invalid(bad.field, bad.rule) from bad
    found = panel.of_project(project_id, insights_page.whose(request.membership), period, stretch_days=1)
    return Data(data=_shown(found, zone.key))


def _shown(found: Insights, zone: str) -> InsightsShown:
    assert found.work is not None
    assert found.work_before is not None
    assert found.stability is not None
    period = found.period
    return InsightsShown(
        period=_days(period),
        before=_days(period.before),
        time_zone=zone,
        counted_until=found.counted_until,
        sessions_of="everybody" if found.is_everybodys else "you",
        figures=[_figure(found, measure) for measure in found.measures],
        days=[
            DayShown(
                day=stretch.day,
                sessions=stretch.sessions,
                sessions_before=earlier.sessions,
                people=stretch.people,
                open_seconds=stretch.open_seconds,
                active_seconds=stretch.active_seconds,
                items_decided=stretch.items_decided,
            )
            for stretch, earlier in zip(found.now.stretches, found.before.stretches, strict=True)
        ],
        work=_work(found.work),
        work_before=_work(found.work_before),
        stability=stability_shown(found.stability),
    )


def _days(period: Period) -> DaysShown:
    return DaysShown.model_validate({"from": period.first, "to": period.last})


def _figure(found: Insights, measure: Measure) -> FigureShown:
    definition = MEASURES[measure]
    now, before = (sessions.numbers.get(measure, ()) for sessions in (found.now, found.before))
    return FigureShown(
        key=measure,
        name=definition.name,
        unit=definition.unit,
        meaning=definition.meaning,
        computed=definition.computed,
        now=_spread(found.now.spread(measure)),
        before=_spread(found.before.spread(measure)),
        classes=[
            ClassShown(at_least=edge, times=one.times, times_before=earlier.times)
            for edge, one, earlier in zip(
                definition.scale.edges,
                histogram(now, definition.scale),
                histogram(before, definition.scale),
                strict=True,
            )
        ],
    )


def _spread(found: Spread | None) -> SpreadShown | None:
    return SpreadShown.model_validate(found, from_attributes=True) if found else None


def _work(work: Work) -> WorkShown:
    return WorkShown(
        decided_by_people=work.decisions["user"],
        decided_by_agents=work.decisions["agent"],
        decided_by_imports=work.decisions["system"],
        questions_asked=work.asked,
        questions_answered=work.answered,
        questions_dismissed=work.dismissed,
        questions_expired=work.expired,
    )
