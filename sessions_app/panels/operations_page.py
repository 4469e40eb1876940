"""The operations page: what is wrong now, in words; a card for each figure; routes, jobs, refusals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as date_format

from sessions_app.insights import charts
from sessions_app.insights.charts import Anchor, Bar
from sessions_app.insights.definitions import Definition
from sessions_app.insights.durations import took
from sessions_app.insights.system_now import SystemNow, wrongs
from sessions_app.insights.tables import Cell, Column, Kind, Table, percent, worded
from sessions_app.metrics.intake import REASONS
from sessions_app.panels import operations
from sessions_app.panels.insight_charts import Card, Key
from sessions_app.panels.operations import RANGES, Figures, Range

_PLOT = 112
_UNITS = tuple(n * 10**power for power in range(-3, 10) for n in (1, 2, 5))


@dataclass(frozen=True)
class Part:
    """One of the figures that a chart stacks: its colour, its name, and its value in each stretch."""

    tone: str
    name: str
    values: Sequence[float]


def context(
    chosen: Range, now: dt.datetime, system: SystemNow | None, *, disk_free_share: float
) -> dict[str, Any]:
    """All that the page shows, up to `now`; without `system`, how it stands cannot be asked."""
    figures = operations.look_back(chosen, now)
    return {
        "ranges": RANGES.values(),
        "range": chosen,
        "system": system,
        "wrongs": wrongs(system, operations.lately(now), disk_free_share=disk_free_share),
        "disk_free": percent(disk_free_share),
        "cards": cards(figures, system),
        "routes": _routes(figures),
        "jobs": _jobs(figures),
        "refusals": _refusals(figures),
        "without_files": True,
    }


def cards(figures: Figures, system: SystemNow | None) -> list[Card]:
    """The charts, most asked for first."""
    return [
        _requests(figures),
        _latency(figures),
        _database(figures),
        _activity(figures),
        _jobs_card(figures, system),
        _lag(figures, system),
        _sockets(figures),
        _push(figures),
        _sessions(figures, system),
    ]


def _requests(figures: Figures) -> Card:
    parts = (
        Part("a", "answered", _added(figures, "leftoff_requests", "status=1xx", "status=2xx", "status=3xx")),
        Part("soft", "refused (4xx)", figures.grew("leftoff_requests", "status=4xx")),
        Part("alarm", "failed (5xx)", figures.grew("leftoff_requests", "status=5xx")),
    )
    whole, failed = sum(sum(part.values) for part in parts), sum(parts[2].values)
    return _card(
        figures,
        "requests",
        Definition(
            "Requests",
            "How many requests were answered, and how.",
            "Each is counted once, by its status: 4xx is what was asked wrongly, 5xx what failed here.",
        ),
        f"{whole:,.0f}",
        (("failed", _share(failed, whole)),),
        parts,
        "count",
    )


def _latency(figures: Figures) -> Card:
    median, p95 = (figures.quantiles("leftoff_request_seconds", share) for share in (0.5, 0.95))
    slowest = max(figures.most("leftoff_request_seconds"), default=0.0)
    return _card(
        figures,
        "latency",
        Definition(
            "Time to answer",
            "How long requests took: half of them at most the median, 95 of 100 at most the whole column.",
            "Reckoned from how many requests fell into each class of times, spread evenly within it.",
        ),
        _took(figures.quantile("leftoff_request_seconds", 0.5)),
        (("p95", _took(figures.quantile("leftoff_request_seconds", 0.95))), ("longest", took(slowest))),
        _quantile_parts(median, p95),
        "took",
    )


def _database(figures: Figures) -> Card:
    seconds = figures.grew("leftoff_database_seconds")
    statements = sum(figures.grew("leftoff_database_statements"))
    return _card(
        figures,
        "database",
        Definition(
            "Time in the database",
            "How long all that ran waited for the database, added up.",
            "Every statement of requests, jobs, sockets and the digester, from asking to the answer.",
        ),
        took(sum(seconds)),
        (
            ("statements", f"{statements:,.0f}"),
            ("each", took(sum(seconds) / statements) if statements else "–"),
        ),
        (Part("a", "time", seconds),),
        "took",
    )


def _activity(figures: Figures) -> Card:
    parts = (
        Part("a", "taken in", figures.grew("leftoff_activity_accepted")),
        Part("alarm", "refused", figures.grew("leftoff_activity_rejected")),
    )
    taken, refused = (sum(part.values) for part in parts)
    return _card(
        figures,
        "activity",
        Definition(
            "Activity sent",
            "What people's pages, front ends and agents sent to the intake.",
            "Each piece is taken in or refused; one that was sent before is taken in, and counts once.",
        ),
        f"{taken + refused:,.0f}",
        (("refused", _share(refused, taken + refused)),),
        parts,
        "count",
    )


def _jobs_card(figures: Figures, system: SystemNow | None) -> Card:
    done = figures.grew("leftoff_jobs", "outcome=done")
    parts = (
        Part("a", "done", done),
        Part("alarm", "failed", _minus(figures.grew("leftoff_jobs"), done)),
    )
    return _card(
        figures,
        "jobs",
        Definition(
            "Jobs",
            "Tries of jobs that ended. One that failed is tried again a few times.",
            "Counted by the workers. Failed is also one that took too long, or was stopped with its worker.",
        ),
        f"{sum(done):,.0f} done",
        (("failed", f"{sum(parts[1].values):,.0f}"), ("due now", f"{system.jobs_due:,}" if system else "–")),
        parts,
        "count",
    )


def _lag(figures: Figures, system: SystemNow | None) -> Card:
    jobs, intake = (figures.most(f"leftoff_{of}_lag_seconds") for of in ("job", "intake"))
    worst = [max(pair) for pair in zip(jobs, intake, strict=True)]
    return _card(
        figures,
        "lag",
        Definition(
            "Lag",
            "For how long the oldest work waited, at its worst: a job that was due, a row of the intake.",
            "Read once a minute. A second or two is the usual pace of the worker.",
        ),
        took(max(worst, default=0.0)),
        (
            ("jobs now", _took(system.job_lag_seconds if system else None)),
            ("intake now", _took(system.intake_lag_seconds if system else None)),
        ),
        (Part("a", "oldest waiting", worst),),
        "took",
    )


def _sockets(figures: Figures) -> Card:
    pages, programs = (
        figures.open_at_a_time("leftoff_sockets", f"kind={kind}") for kind in ("page", "program")
    )
    closed = sum(figures.grew("leftoff_sockets_closed"))
    return _card(
        figures,
        "sockets",
        Definition(
            "Open sockets",
            "Pages and programs that were connected, in the middle of each column.",
            "Read once a minute by each server, and added up.",
        ),
        f"{max((a + b for a, b in zip(pages, programs, strict=True)), default=0.0):,.0f} at most",
        (("closed", f"{closed:,.0f}"),),
        (Part("a", "pages", pages), Part("b", "programs", programs)),
        "number",
    )


def _push(figures: Figures) -> Card:
    median, p95 = (figures.quantiles("leftoff_push_seconds", share) for share in (0.5, 0.95))
    dropped = sum(figures.grew("leftoff_hints_dropped"))
    return _card(
        figures,
        "push",
        Definition(
            "Time to push",
            "How soon a change was on the other open pages.",
            "From the hint that follows a commit to the panels on a socket, reckoned from classes of times.",
        ),
        _took(figures.quantile("leftoff_push_seconds", 0.5)),
        (
            ("p95", _took(figures.quantile("leftoff_push_seconds", 0.95))),
            ("hints lost", f"{dropped:,.0f}"),
        ),
        _quantile_parts(median, p95),
        "took",
    )


def _sessions(figures: Figures, system: SystemNow | None) -> Card:
    started, ended = (figures.grew("leftoff_sessions", f"event={event}") for event in ("started", "ended"))
    return _card(
        figures,
        "sessions",
        Definition(
            "Sessions started",
            "How many sessions began in all projects.",
            "Counted when the start is committed; an end also where nobody did anything for long.",
        ),
        f"{sum(started):,.0f}",
        (("ended", f"{sum(ended):,.0f}"), ("active now", f"{system.sessions_active:,}" if system else "–")),
        (Part("a", "started", started),),
        "count",
    )


def _quantile_parts(median: Sequence[float], p95: Sequence[float]) -> tuple[Part, ...]:
    return Part("a", "median", median), Part("soft", "up to p95", _minus(p95, median))


def _card(
    figures: Figures,
    name: str,
    definition: Definition,
    lead: str,
    facts: tuple[tuple[str, str], ...],
    parts: Sequence[Part],
    kind: Kind,
) -> Card:
    words = _words(kind)
    whens = _whens(figures)
    whole = [sum(values) for values in zip(*(part.values for part in parts), strict=True)]
    bars = [
        Bar(
            values,
            said=f"{when}: {_told(parts, values, words)}",
            label=label,
            anchor=anchor,
        )
        for when, values, (label, anchor) in zip(
            whens, zip(*(part.values for part in parts), strict=True), _axis(figures), strict=True
        )
    ]
    top = max(whole, default=0.0)
    units = [unit for unit in _UNITS if kind != "count" or unit >= 1]
    ticks = [(tick, words(tick)) for tick in charts.round_ticks(top, units)]
    columns = (Column("when", "From", "text"), *(Column(part.name, part.name, kind) for part in parts))
    rows: list[tuple[Cell, ...]] = [
        (when, *(_cell(value, kind) for value in bar.values)) for when, bar in zip(whens, bars, strict=True)
    ]
    return Card(
        id=name,
        definition=definition,
        lead=lead,
        before="",
        facts=facts,
        told=f"{definition.name}, {figures.range.words}: {lead}; {', '.join(f'{a} {b}' for a, b in facts)}.",
        table=Table(name, definition.name, columns, tuple(reversed(rows))),
        columns=charts.columns(bars, [part.tone for part in parts], plot=_PLOT, ticks=ticks) if top else None,
        keys=tuple(Key(part.tone, part.name, "") for part in parts) if len(parts) > 1 else (),
    )


def _told(parts: Sequence[Part], values: Sequence[float], words: Callable[[float], str]) -> str:
    """ "answered 12, failed (5xx) 1"."""
    return ", ".join(f"{part.name} {words(value)}" for part, value in zip(parts, values, strict=True))


def _routes(figures: Figures) -> Table:
    columns = (
        Column("route", "Route", "text"),
        Column("requests", "Requests"),
        Column("failed", "Failed"),
        Column("median", "Median", "took"),
        Column("p95", "p95", "took"),
        Column("longest", "Longest", "took"),
        Column("statements", "Statements each", "number"),
        Column("database", "Database each", "took"),
    )
    rows = tuple(
        (
            route.route,
            route.requests,
            route.broken,
            route.median,
            route.p95,
            route.longest,
            route.statements / route.requests,
            route.database_seconds / route.requests,
        )
        for route in figures.routes
    )
    return Table("routes", "Slowest routes", columns, rows)


def _jobs(figures: Figures) -> Table:
    columns = (
        Column("job", "Job", "text"),
        Column("done", "Done"),
        Column("failed", "Failed"),
        Column("p95", "p95", "took"),
        Column("longest", "Longest", "took"),
    )
    rows = tuple((job.job, job.done, job.failed, job.p95, job.longest) for job in figures.jobs)
    return Table("by-job", "Jobs by name", columns, rows)


def _refusals(figures: Figures) -> Table:
    columns = (Column("reason", "Why", "text"), Column("times", "Times"))
    refused = figures.by("leftoff_activity_rejected", "reason")
    rows = tuple((REASONS.get(reason, reason), times) for reason, times in refused.items())
    return Table("by-reason", "Activity refused, by reason", columns, rows)


def _whens(figures: Figures) -> list[str]:
    """When each stretch begins, in the reader's own zone."""
    pattern = {"1h": "H:i", "24h": "D H:i", "7d": "D j M, H:i", "90d": "D j M"}[figures.range.key]
    return [date_format(_local(moment, figures), pattern) for moment in figures.moments]


def _axis(figures: Figures) -> list[tuple[str, Anchor]]:
    """What stands below: when the first stretch began, the middle one, and that it ends now."""
    labels: list[tuple[str, Anchor]] = [("", "middle")] * figures.range.stretches
    pattern = "H:i" if figures.range.key in ("1h", "24h") else "j M"
    first, middle = figures.moments[0], figures.moments[figures.range.stretches // 2]
    labels[0] = (date_format(_local(first, figures), pattern), "start")
    labels[figures.range.stretches // 2] = (date_format(_local(middle, figures), pattern), "middle")
    labels[-1] = ("now", "end")
    return labels


def _local(moment: dt.datetime, figures: Figures) -> dt.datetime:
    # A stretch of a whole day is one of UTC.
    return moment if figures.range.stretch >= dt.timedelta(days=1) else timezone.localtime(moment)


def _words(kind: Kind) -> Callable[[float], str]:
    return lambda value: worded(_cell(value, kind), kind)


def _cell(value: float, kind: Kind) -> Cell:
    return round(value) if kind == "count" else value


def _took(seconds: float | None) -> str:
    return "–" if seconds is None else took(seconds)


def _share(part: float, whole: float) -> str:
    """ "12 (0.4 %)"."""
    return f"{part:,.0f} ({part / whole * 100:.1f} %)" if whole else "0"


def _added(figures: Figures, metric: str, *labels: str) -> list[float]:
    return [sum(values) for values in zip(*(figures.grew(metric, label) for label in labels), strict=True)]


def _minus(these: Sequence[float], those: Sequence[float]) -> list[float]:
    return [max(0.0, a - b) for a, b in zip(these, those, strict=True)]
