"""How the product ran, as staff look back at it: figures over time, from what every process kept."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sessions_app.db import queries
from sessions_app.insights.classes import quantile
from sessions_app.insights.system_now import Lately
from sessions_app.metrics.durations import LIMITS_SECONDS
from sessions_app.metrics.intake import REASONS
from sessions_app.metrics.samples import COUNTED, READ, label_in

# Sampled beside what is counted: how the system stood.
STOOD = ("leftoff_job_lag_seconds", "leftoff_intake_lag_seconds")
MOST_ROUTES = 15


@dataclass(frozen=True)
class Range:
    """How far back, and in which steps."""

    key: str
    words: str
    step: dt.timedelta
    steps: int


RANGES = {
    each.key: each
    for each in (
        Range("1h", "hour", dt.timedelta(minutes=1), 60),
        Range("24h", "24 hours", dt.timedelta(minutes=30), 48),
        Range("7d", "7 days", dt.timedelta(hours=3), 56),
        Range("90d", "90 days", dt.timedelta(days=1), 90),
    )
}
USUAL = "24h"


@dataclass
class Step:
    """What was kept of one figure within one step of time."""

    total: float = 0.0
    observations: int = 0
    most: float = 0.0


@dataclass(frozen=True)
class Route:
    """One route over the whole time. Times are in seconds; `median` and `p95` None: nothing was measured."""

    route: str
    requests: int
    broken: int
    median: float | None
    p95: float | None
    longest: float
    statements: float
    database_seconds: float


@dataclass(frozen=True)
class Job:
    """One kind of job over the whole time."""

    job: str
    done: int
    failed: int
    p95: float | None
    longest: float


@dataclass(frozen=True)
class Figures:
    """All that is shown of a range that ends at `end`."""

    range: Range
    first: dt.datetime
    until: dt.datetime
    _series: dict[tuple[str, str], dict[int, Step]]
    _classes: dict[str, dict[int, list[int]]]
    routes: list[Route] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)

    @cached_property
    def moments(self) -> list[dt.datetime]:
        """When each step begins."""
        return [self.first + self.range.step * n for n in range(self.range.steps)]

    def grew(self, metric: str, *having: str) -> list[float]:
        """What a counter grew by in each step; of its labels only those that have all of this text."""
        return [sum(step.total for step in steps) for steps in self._steps(metric, having)]

    def mean(self, metric: str) -> list[float]:
        """What a figure that all processes read alike was in each step, in the middle."""
        return [
            sum(step.total for step in steps) / max(1, sum(step.observations for step in steps))
            for steps in self._steps(metric, ())
        ]

    def open_at_a_time(self, metric: str, *having: str) -> list[float]:
        """What a figure that each process reads for itself came to in each step, over all processes."""
        minute = dt.timedelta(minutes=1)
        passed = [min(self.range.step, self.until - moment) // minute for moment in self.moments]
        return [
            total / max(1, minutes) for total, minutes in zip(self.grew(metric, *having), passed, strict=True)
        ]

    def most(self, metric: str) -> list[float]:
        """The greatest in each step."""
        return [max((step.most for step in steps), default=0.0) for steps in self._steps(metric, ())]

    def quantiles(self, metric: str, share: float) -> list[float]:
        """The quantile of each step; 0 where nothing was measured."""
        most = self.most(metric)
        return [
            quantile(share, self._classes.get(metric, {}).get(n, ()), LIMITS_SECONDS, most=most[n]) or 0.0
            for n in range(self.range.steps)
        ]

    def quantile(self, metric: str, share: float) -> float | None:
        """The quantile of the whole time."""
        classes = [sum(column) for column in zip(*self._classes.get(metric, {}).values(), strict=True)]
        return quantile(share, classes, LIMITS_SECONDS, most=max(self.most(metric), default=0.0))

    def by(self, metric: str, label: str) -> Counter[str]:
        """What a counter grew by over the whole time, by one of its labels; most first."""
        found: Counter[str] = Counter()
        for (name, labels), steps in self._series.items():
            if name == metric:
                found[label_in(labels, label)] += round(sum(step.total for step in steps.values()))
        return Counter(dict(found.most_common()))

    def _steps(self, metric: str, having: Sequence[str]) -> list[list[Step]]:
        fitting = [
            steps
            for (name, labels), steps in self._series.items()
            if name == metric and all(text in labels.split(",") for text in having)
        ]
        return [[steps[n] for steps in fitting if n in steps] for n in range(self.range.steps)]


def look_back(chosen: Range, now: dt.datetime) -> Figures:
    """Read a range up to the last minute that is over: the one under way is not kept yet."""
    step_seconds = chosen.step.total_seconds()
    until = now.replace(second=0, microsecond=0)
    end = dt.datetime.fromtimestamp(-(-until.timestamp() // step_seconds) * step_seconds, dt.UTC)
    first = end - chosen.step * chosen.steps
    asked = {"first": first, "end": end, "step": step_seconds}
    metrics = [*COUNTED, *READ, *STOOD]
    series: dict[tuple[str, str], dict[int, Step]] = {}
    for row in queries.rows("metric_series", asked | {"metrics": metrics, "each": False}):
        key = (row["metric"], row["labels"].strip(","))
        step = series.setdefault(key, {}).setdefault(row["step"], Step())
        step.total += row["total"]
        step.observations += row["observations"]
        step.most = max(step.most, row["most"])
    timed = {"metrics": ["leftoff_request_seconds", "leftoff_push_seconds"]}
    classes: dict[str, dict[int, list[int]]] = {}
    for row in queries.rows("metric_classes", asked | timed | {"each": False}):
        classes.setdefault(row["metric"], {})[row["step"]] = row["classes"]
    each = _each(asked)
    return Figures(chosen, first, until, series, classes, _routes(each), _jobs(each))


def lately(now: dt.datetime) -> Lately:
    """The last hour, as far as what is wrong needs it."""
    asked = {"first": now - dt.timedelta(hours=1), "end": now + dt.timedelta(minutes=1), "step": 3600}
    metrics = ["leftoff_requests", "leftoff_activity_rejected", "leftoff_hints_dropped"]
    found: dict[str, Counter[str]] = {metric: Counter() for metric in metrics}
    for row in queries.rows("metric_series", asked | {"metrics": metrics, "each": True}):
        what = "status" if row["metric"] == "leftoff_requests" else "reason"
        found[row["metric"]][label_in(row["labels"], what)] += round(row["total"])
    requests, refused = found["leftoff_requests"], found["leftoff_activity_rejected"]
    return Lately(
        requests=requests.total(),
        broken=requests["5xx"],
        refused={REASONS.get(reason, reason): times for reason, times in refused.most_common()},
        hints_dropped=found["leftoff_hints_dropped"].total(),
    )


@dataclass(frozen=True)
class _Each:
    """What is kept of each route and each job: by metric and labels."""

    series: dict[tuple[str, str], Step]
    classes: dict[tuple[str, str], list[int]]

    def total(self, metric: str, label: str, value: str, also: str = "") -> float:
        return sum(
            step.total
            for (name, labels), step in self.series.items()
            if name == metric and label_in(labels, label) == value and also in labels
        )

    def quantile(self, metric: str, labels: str, share: float) -> float | None:
        most = self.series[metric, labels].most
        return quantile(share, self.classes.get((metric, labels), ()), LIMITS_SECONDS, most=most)


def _each(asked: dict[str, object]) -> _Each:
    metrics = [
        *("leftoff_requests", "leftoff_request_seconds", "leftoff_jobs", "leftoff_job_seconds"),
        *("leftoff_database_statements", "leftoff_database_seconds"),
    ]
    timed = ["leftoff_request_seconds", "leftoff_job_seconds"]
    return _Each(
        {
            (row["metric"], row["labels"]): Step(row["total"], row["observations"], row["most"])
            for row in queries.rows("metric_series", asked | {"metrics": metrics, "each": True})
        },
        {
            (row["metric"], row["labels"]): row["classes"]
            for row in queries.rows("metric_classes", asked | {"metrics": timed, "each": True})
        },
    )


def _routes(each: _Each) -> list[Route]:
    """The slowest routes first: by what the slowest twentieth of their requests took."""
    found = []
    for (metric, labels), step in each.series.items():
        if metric != "leftoff_request_seconds":
            continue
        route = label_in(labels, "route")
        found.append(
            Route(
                route=route,
                requests=step.observations,
                broken=round(each.total("leftoff_requests", "route", route, "status=5xx")),
                median=each.quantile(metric, labels, 0.5),
                p95=each.quantile(metric, labels, 0.95),
                longest=step.most,
                statements=each.total("leftoff_database_statements", "by", route),
                database_seconds=each.total("leftoff_database_seconds", "by", route),
            )
        )
    return sorted(found, key=lambda route: route.p95 or 0.0, reverse=True)[:MOST_ROUTES]


def _jobs(each: _Each) -> list[Job]:
    """Jobs by name, those that failed first."""
    found = []
    for (metric, labels), step in each.series.items():
        if metric != "leftoff_job_seconds":
            continue
        job = label_in(labels, "task")
        done = round(each.total("leftoff_jobs", "task", job, "outcome=done"))
        found.append(Job(job, done, step.observations - done, each.quantile(metric, labels, 0.95), step.most))
    return sorted(found, key=lambda each_job: (-each_job.failed, each_job.job))
