"""A project's period as a report: its figures, what was decided and reopened, what is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from sessions_app.exporters.report_rows import Entry, Figure, Number, Part, Report
from sessions_app.exporters.rows import DecisionRow
from sessions_app.insights import tables
from sessions_app.insights.definitions import MEASURES, Measure, Unit
from sessions_app.insights.durations import counted
from sessions_app.insights.figures import Spread
from sessions_app.insights.periods import Period
from sessions_app.insights.tables import percent
from sessions_app.models import Activity, Blocker, Project, Question
from sessions_app.models.blockers import BlockerSource
from sessions_app.panels import decisions, insights
from sessions_app.panels.decisions import Asked
from sessions_app.panels.insights import Insights

_BATCH_ROWS = 200


def report(project: Project, period: Period) -> Report:
    """The report of a project, as whoever acts sees it; days are those of the period's time zone."""
    found = insights.of_project(project.id, None, period)
    # Cut off where counting is.
    period = found.period
    before = period.before
    return Report(
        project=project.title,
        first=str(period.first),
        last=str(period.last),
        period=f"{_day(period.first)} to {_day(period.last)}",
        before=(
            f"“Before” is as many days, {counted(period.weeks_before, 'week')} earlier: "
            f"{_day(before.first)} to {_day(before.last)}."
        ),
        counted=_counted(found),
        in_short=tuple(_in_short(found)),
        figures=tuple(_figure(found, measure) for measure in found.measures),
        parts=(
            Part("decided", "Decided", tuple(_decided(project.id, period)), "Nothing was decided."),
            Part("reopened", "Reopened", tuple(_reopened(project.id, period)), "Nothing was reopened."),
            Part(
                "question",
                "Questions open now",
                tuple(_questions(project.id, period)),
                "No question is open.",
            ),
            Part("blocker", "Stuck now", tuple(_blockers(project.id, period)), "Nothing is stuck."),
        ),
    )


def _counted(found: Insights) -> str:
    period = found.period
    if found.counted_until is None:
        return "No figures are counted yet."
    if period.until is None:
        return f"Whole days, time zone {period.zone}."
    local = period.until.astimezone(period.zone)
    return f"Counted up to {local:%H:%M} on {_day(local.date())}, time zone {period.zone}."


def _in_short(found: Insights) -> Iterator[str]:
    now, work = found.now, found.work
    assert work is not None
    yield counted(now.count, "session")
    if now.active_share is not None:
        yield f"{percent(now.active_share)} of their time active"
    by_agents = work.decisions["agent"]
    agents = f", {by_agents:,} of them by agents" if by_agents else ""
    yield f"{counted(work.decided, 'decision')}{agents}"
    yield f"{counted(work.asked, 'question')} asked, {work.answered:,} answered"
    if found.stability and found.stability.decisions:
        yield f"{percent(found.stability.taken_back_share)} of the decisions taken back so far"


def _figure(found: Insights, measure: Measure) -> Figure:
    definition = MEASURES[measure]
    now, before = found.now.spread(measure), found.before.spread(measure)
    return Figure(
        name=definition.name,
        unit=definition.unit,
        n=now.n if now else 0,
        median=_number(now, "median", definition.unit),
        p95=_number(now, "p95", definition.unit),
        mean=_number(now, "mean", definition.unit),
        median_before=_number(before, "median", definition.unit),
        meaning=f"{definition.meaning} {definition.computed}",
    )


def _number(spread: Spread | None, name: str, unit: Unit) -> Number:
    value: float | None = getattr(spread, name) if spread else None
    return Number(value, tables.worded(value, "seconds" if unit == "seconds" else "number"))


def _decided(project_id: UUID, period: Period) -> Iterator[Entry]:
    """The decisions that the period's figures count, newest first, each with what became of it."""
    for row in _decisions(project_id, period):
        fate = "" if row.fate == "stands" else f"({row.fate} since)"
        outcome = f"{row.outcome[0].upper()}{row.outcome[1:]}." if row.outcome else ""
        why = " ".join(filter(None, (outcome, row.reason, fate)))
        # Figures go by when it came here; what is imported was decided before.
        source_at = row.decided_at if row.by == "system" and row.decided_at != row.recorded_at else None
        yield _entry(row.title, why, ", ".join(row.decided_by), row.recorded_at, period, source_at)


def _decisions(project_id: UUID, period: Period) -> Iterator[DecisionRow]:
    after = None
    recorded = (period.start, period.end)
    while True:
        batch = decisions.read(
            project_id, Asked(history=True), after=after, recorded=recorded, most=_BATCH_ROWS
        )
        yield from batch
        if len(batch) < _BATCH_ROWS:
            return
        after = (batch[-1].version, batch[-1].activity_id)


def _reopened(project_id: UUID, period: Period) -> Iterator[Entry]:
    found = Activity.objects.filter(
        project_id=project_id,
        kind="item.explored",
        data__before="decided",
        created_at__gte=period.start,
        created_at__lt=period.end,
    ).select_related("actor")
    for row in found.order_by("-version", "-id"):
        who = str(row.actor) if row.actor else row.actor_agent
        yield _entry(row.data.get("title", ""), row.data.get("reason", ""), who, row.created_at, period)


def _questions(project_id: UUID, period: Period) -> Iterator[Entry]:
    found = Question.objects.open().filter(project_id=project_id).select_related("asked_by")
    for row in found.order_by("created_at", "id"):
        yield _entry(row.text, "", str(row.asked_by or row.agent_type), row.created_at, period)


def _blockers(project_id: UUID, period: Period) -> Iterator[Entry]:
    found = Blocker.objects.open().filter(project_id=project_id).select_related("raised_by", "waits_for")
    for row in found.order_by("created_at", "id"):
        waits = f"Waits for {row.waits_for}." if row.waits_for else ""
        if row.source == BlockerSource.DEPENDENCY:
            waits = "Other items wait for this decision."
        who = str(row.raised_by or row.agent_type)
        yield _entry(row.text, waits, who, row.created_at, period)


def _entry(
    what: str, why: str, who: str, at: dt.datetime, period: Period, source_at: dt.datetime | None = None
) -> Entry:
    return Entry(what, why, who, *_when(at, period), *(_when(source_at, period) if source_at else ("", "")))


def _when(moment: dt.datetime, period: Period) -> tuple[str, str]:
    """Exactly, and its day in words, where the report's reader is."""
    local = moment.astimezone(period.zone)
    return local.isoformat(timespec="seconds"), _day(local.date())


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b} {day.year}"
