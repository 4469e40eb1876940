"""The page of figures: whose sessions, which cards in which order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from sessions_app import clock
from sessions_app.insights import definitions
from sessions_app.insights.definitions import Measure
from sessions_app.insights.durations import measured
from sessions_app.insights.periods import DAY_CHOICES, Period
from sessions_app.insights.tables import Table, percent
from sessions_app.models import Membership
from sessions_app.panels import insight_charts, insight_tables, insights
from sessions_app.panels.insight_charts import Card
from sessions_app.panels.insights import Insights

# The file has all of them.
PEOPLE_SHOWN, PROJECTS_SHOWN = 12, 50

_CHOICE_WORDS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "1 year"}


@dataclass(frozen=True)
class Headline:
    """One of the few figures on top, which leads to its card."""

    label: str
    value: str
    before: str
    target: str


def of_project(membership: Membership, period: Period) -> dict[str, Any]:
    """A project's figures: everybody's sessions for owners, one's own for others, and the project's work."""
    found = insights.of_project(membership.project_id, whose(membership), period)
    context = _context(found) | {"membership": membership, "project": membership.project}
    if found.is_begun and membership.is_owner:
        rows, people = insights.people(membership.project_id, found.period, PEOPLE_SHOWN)
        context |= {"rows": insight_tables.people(rows), "rows_more": people - len(rows), "people": people}
    if found.is_begun:
        context |= {
            "deciders": insight_charts.deciders(found),
            "work": [insight_charts.standing(found), insight_charts.questions(found)],
        }
    return context


def of_person(user_id: UUID, period: Period) -> dict[str, Any]:
    """One's own sessions over all one's projects, with a row for each."""
    found = insights.of_person(user_id, period)
    context = _context(found)
    if found.is_begun:
        rows, projects = insights.projects(user_id, found.period, PROJECTS_SHOWN)
        context |= {"rows": insight_tables.projects(rows), "rows_more": projects - len(rows)}
    return context


def whose(membership: Membership) -> UUID | None:
    """Whose sessions of the project a member may see: None is everybody's, as in the history."""
    return None if membership.is_owner else membership.user_id


def project_table(membership: Membership, period: Period, name: str) -> Table:
    """A table of the project by its name, whole and day by day. Raises KeyError for no such table."""
    if name == "people":
        if not membership.is_owner:
            raise KeyError(name)
        return insight_tables.people(insights.people(membership.project_id, period)[0])
    found = insights.of_project(membership.project_id, whose(membership), period, stretch_days=1)
    return insight_tables.table(found, name)


def person_table(user_id: UUID, period: Period, name: str) -> Table:
    """A table of one's own sessions over all projects by its name. Raises KeyError for no such table."""
    if name == "projects":
        return insight_tables.projects(insights.projects(user_id, period)[0])
    return insight_tables.table(insights.of_person(user_id, period, stretch_days=1), name)


def _context(found: Insights) -> dict[str, Any]:
    period = found.period
    return {
        "insights": found,
        "period": period,
        "is_cut_today": _is_today(period.until),
        "choices": [(days, _CHOICE_WORDS[days]) for days in DAY_CHOICES],
        "query": _query(period),
        "spread_meaning": definitions.SPREAD,
        "figures": insight_tables.figures(found),
        "headlines": _headlines(found) if found.is_begun else [],
        "visits": insight_charts.visits(found) if found.is_begun else None,
        "sessions": _session_cards(found) if found.is_begun else [],
    }


def _session_cards(found: Insights) -> list[Card]:
    return [
        insight_charts.measure(found, Measure.LENGTH),
        insight_charts.active(found),
        insight_charts.measure(found, Measure.LAG),
        insight_charts.measure(found, Measure.GAP),
        insight_charts.measure(found, Measure.DECIDED),
        insight_charts.measure(found, Measure.VISITS),
    ]


def _headlines(found: Insights) -> list[Headline]:
    now, before = found.now, found.before
    length, length_before = now.spread(Measure.LENGTH), before.spread(Measure.LENGTH)
    lines = [
        Headline("Sessions", f"{now.count:,}", f"{before.count:,}", "sessions"),
        Headline(
            "Median session",
            measured(length.median) if length else "–",
            measured(length_before.median) if length_before else "none",
            "lengths",
        ),
        Headline(
            "Of it active",
            "–" if now.active_share is None else percent(now.active_share),
            "none" if before.active_share is None else percent(before.active_share),
            "active",
        ),
    ]
    if found.work is None or found.work_before is None:
        return [
            *lines,
            Headline("Items you decided", f"{now.items_decided:,}", f"{before.items_decided:,}", "decided"),
        ]
    answer, answer_before = now.spread(Measure.ANSWER), before.spread(Measure.ANSWER)
    return [
        *lines,
        Headline("Decisions", f"{found.work.decided:,}", f"{found.work_before.decided:,}", "decisions"),
        Headline(
            "Time to answer",
            measured(answer.median) if answer else "–",
            measured(answer_before.median) if answer_before else "none",
            "answers",
        ),
    ]


def _is_today(moment: dt.datetime | None) -> bool:
    return moment is not None and timezone.localdate(moment) == timezone.localdate(clock.now())


def _query(period: Period) -> str:
    """The same period as the query of an address."""
    if period.days_chosen:
        return f"days={period.days_chosen}"
    return f"from={period.first}&to={period.last}"
