"""The tables behind the charts, by name: what a page shows on demand, and a file holds whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sessions_app.insights.definitions import MEASURES, Measure
from sessions_app.insights.figures import Spread, histogram
from sessions_app.insights.tables import Cell, Column, Table
from sessions_app.panels.insights import DECIDERS, Insights, Row

_SPREAD_COLUMNS = (
    Column("n", "n"),
    Column("median", "Median", "number"),
    Column("p95", "p95", "number"),
    Column("mean", "Mean", "number"),
)


def table(insights: Insights, name: str) -> Table:
    """The table of this name. Raises KeyError where these figures have none."""
    measure = _MEASURED.get(name)
    if measure is not None and measure in insights.measures:
        return classes(insights, measure)
    if name in _OF_WORK and insights.work is None:
        raise KeyError(name)
    return _MAKERS[name](insights)


def figures(insights: Insights) -> Table:
    """Every measure's figures, in its unit, and those of the period before."""
    rows: list[tuple[Cell, ...]] = []
    for measure in insights.measures:
        definition = MEASURES[measure]
        now, before = insights.now.spread(measure), insights.before.spread(measure)
        rows.append((definition.name, definition.unit, *_spread_cells(now), *_spread_cells(before)))
    before_columns = tuple(
        Column(f"{column.key}_before", f"{column.title} before", column.kind) for column in _SPREAD_COLUMNS
    )
    columns = (Column("figure", "Figure", "text"), Column("unit", "Unit", "text"))
    return Table("figures", "Figures", columns + _SPREAD_COLUMNS + before_columns, tuple(rows))


def stretches(insights: Insights) -> Table:
    """Sessions stretch by stretch, oldest first."""
    first = Column("day", "Day" if insights.stretch_days == 1 else "From", "day")
    before = [stretch.sessions for stretch in insights.before.stretches]
    return Table(
        "days",
        "Sessions by day" if insights.stretch_days == 1 else f"Sessions by {insights.stretch_days} days",
        (
            *(first, Column("sessions", "Sessions"), Column("sessions_before", "Before")),
            Column("people", "People"),
            Column("open_seconds", "Open", "seconds"),
            Column("active_seconds", "Active", "seconds"),
            Column("items_decided", "Items decided"),
        ),
        tuple(
            (
                *(stretch.day, stretch.sessions, earlier, stretch.people),
                *(stretch.open_seconds, stretch.active_seconds, stretch.items_decided),
            )
            for stretch, earlier in zip(insights.now.stretches, before, strict=True)
        ),
    )


def classes(insights: Insights, measure: Measure) -> Table:
    """How often a measure came out in each of its classes."""
    definition = MEASURES[measure]
    now, before = (
        histogram(sessions.numbers.get(measure, ()), definition.scale)
        for sessions in (insights.now, insights.before)
    )
    return Table(
        _NAMES[measure],
        definition.name,
        (Column("class", "Class", "text"), Column("times", "Times"), Column("times_before", "Before")),
        tuple((one.label, one.times, earlier.times) for one, earlier in zip(now, before, strict=True)),
    )


def deciders(insights: Insights) -> Table:
    """Decisions stretch by stretch, by whom."""
    assert insights.work is not None
    days = [stretch.day for stretch in insights.now.stretches]
    return Table(
        "decisions",
        "Who decides",
        (
            Column("day", "Day" if insights.stretch_days == 1 else "From", "day"),
            *(Column("by_people", "People"), Column("by_agents", "Agents"), Column("by_import", "Import")),
        ),
        tuple(
            (day, *(by.get(who, 0) for who in DECIDERS))
            for day, by in zip(days, insights.work.stretches, strict=True)
        ),
    )


def standing(insights: Insights, most: int | None = None) -> Table:
    """After how long a decision's life which share stands; told in so many rows at most, None: in all."""
    assert insights.stability is not None
    curve = insights.stability.curve
    told = curve if most is None else insights.stability.curve_in(most)
    return Table(
        "stability",
        "How well decisions hold",
        (Column("after_seconds", "After", "seconds"), Column("standing", "Still stand", "share")),
        ((0, 1.0), *((life.total_seconds(), share) for life, share in told)),
        note="Several decisions may have fallen between two rows; the file has each."
        if told is not curve
        else "",
    )


def questions(insights: Insights) -> Table:
    """What became of questions in the two periods."""
    work, before = insights.work, insights.work_before
    assert work is not None
    assert before is not None
    return Table(
        "questions",
        "Questions",
        (Column("what", "Questions", "text"), Column("times", "Times"), Column("times_before", "Before")),
        (
            ("asked", work.asked, before.asked),
            ("answered", work.answered, before.answered),
            ("dismissed", work.dismissed, before.dismissed),
            ("expired", work.expired, before.expired),
        ),
    )


def people(rows: Sequence[Row]) -> Table:
    """What each person's sessions come to."""
    return _of_rows("people", "Sessions by person", Column("person", "Person", "text"), rows)


def projects(rows: Sequence[Row]) -> Table:
    """What one's own sessions in each project come to."""
    made = _of_rows("projects", "Sessions by project", Column("project", "Project", "text"), rows)
    return replace(made, keys=tuple(str(row.id) for row in rows))


def _of_rows(name: str, title: str, first: Column, rows: Sequence[Row]) -> Table:
    return Table(
        name,
        title,
        (
            *(first, Column("sessions", "Sessions"), Column("days", "Days here")),
            Column("open_seconds", "Open", "seconds"),
            Column("active_share", "Active", "share"),
            Column("items_decided", "Items decided"),
        ),
        tuple(
            (
                *(f"{row.name} ({row.mark})" if row.mark else row.name, row.sessions, row.days),
                *(row.open_seconds, row.active_share, row.items_decided),
            )
            for row in rows
        ),
    )


def _spread_cells(found: Spread | None) -> tuple[Cell, ...]:
    return (found.n, found.median, found.p95, found.mean) if found else (0, None, None, None)


_NAMES = {
    Measure.LENGTH: "lengths",
    Measure.ACTIVE: "active",
    Measure.GAP: "between",
    Measure.LAG: "lags",
    Measure.DECIDED: "decided",
    Measure.VISITS: "visits",
    Measure.ANSWER: "answers",
}
_MEASURED = {name: measure for measure, name in _NAMES.items()}
_MAKERS: dict[str, Callable[[Insights], Table]] = {
    "figures": figures,
    "days": stretches,
    "decisions": deciders,
    "stability": standing,
    "questions": questions,
}
_OF_WORK = ("decisions", "stability", "questions")
