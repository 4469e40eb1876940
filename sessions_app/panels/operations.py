"""How the product ran, as staff look back at it: figures over time, from what every process kept."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import zip_longest

from django.db.models import Sum

from sessions_app.insights.classes import quantile
from sessions_app.insights.system_now import Lately
from sessions_app.metrics.durations import LIMITS_SECONDS
from sessions_app.metrics.intake import REASONS
from sessions_app.metrics.samples import COUNTED, READ, label_in
from sessions_app.models import MetricSample
from sessions_app.models.metrics import Resolution

# Sampled beside what is counted: how the system stood.
STOOD = ("leftoff_job_lag_seconds", "leftoff_intake_lag_seconds")
# Labels that name one of very many: over time they are added up, and told each over the whole time.
EACH = {"by", "route", "task"}
MOST_ROUTES = 15


@dataclass(frozen=True)
class Range:
    """How far back, and in which stretches; read from the samples of which there are fewest for them."""

    key: str
    words: str
    stretch: dt.timedelta
    stretches: int
    resolution: Resolution


RANGES = {
    each.key: each
    for each in (
        Range("1h", "hour", dt.timedelta(minutes=1), 60, Resolution.MINUTE),
        Range("24h", "24 hours", dt.timedelta(hours=1), 24, Resolution.HOUR),
        Range("7d", "7 days", dt.timedelta(hours=3), 56, Resolution.HOUR),
        Range("90d", "90 days", dt.timedelta(days=1), 90, Resolution.DAY),
    )
}
USUAL = "24h"


@dataclass
class Stretch:
    """What was kept of one figure within one stretch of time; of what is timed, how many in each class."""

    total: float = 0.0
    observations: int = 0
    most: float = 0.0
    classes: list[int] = field(default_factory=list)

    def add(self, total: float, observations: int, most: float, classes: list[int]) -> None:
        """Add a sample."""
        self.total += total
        self.observations += observations
        self.most = max(self.most, most)
        if classes:
            self.classes = [a + b for a, b in zip_longest(self.classes, classes, fillvalue=0)]


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
    _series: dict[tuple[str, str], dict[int, Stretch]]
    routes: list[Route] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)

    @cached_property
    def moments(self) -> list[dt.datetime]:
        """When each stretch begins."""
        return [self.first + self.range.stretch * n for n in range(self.range.stretches)]

    def grew(self, metric: str, *having: str) -> list[float]:
        """What a counter grew by in each stretch; of its labels only those that have all of this text."""
        return [sum(stretch.total for stretch in stretches) for stretches in self._stretches(metric, having)]

    def mean(self, metric: str) -> list[float]:
        """What a figure that all processes read alike was in each stretch, in the middle."""
        return [
            sum(stretch.total for stretch in stretches)
            / max(1, sum(stretch.observations for stretch in stretches))
            for stretches in self._stretches(metric, ())
        ]

    def open_at_a_time(self, metric: str, *having: str) -> list[float]:
        """What a figure that each process reads for itself came to in each stretch, over all processes."""
        minute = dt.timedelta(minutes=1)
        passed = [min(self.range.stretch, self.until - moment) // minute for moment in self.moments]
        return [
            total / max(1, minutes) for total, minutes in zip(self.grew(metric, *having), passed, strict=True)
        ]

    def most(self, metric: str) -> list[float]:
        """The greatest in each stretch."""
        return [
            max((stretch.most for stretch in stretches), default=0.0)
            for stretches in self._stretches(metric, ())
        ]

    def quantiles(self, metric: str, share: float) -> list[float]:
        """The quantile of each stretch; 0 where nothing was measured."""
        return [_quantile(stretches, share) or 0.0 for stretches in self._stretches(metric, ())]

    def quantile(self, metric: str, share: float) -> float | None:
        """The quantile of the whole time."""
        return _quantile(
            [stretch for stretches in self._stretches(metric, ()) for stretch in stretches], share
        )

    def by(self, metric: str, label: str) -> Counter[str]:
        """What a counter grew by over the whole time, by one of its labels; most first."""
        found: Counter[str] = Counter()
        for (name, labels), stretches in self._series.items():
            if name == metric:
                found[label_in(labels, label)] += round(sum(stretch.total for stretch in stretches.values()))
        return Counter(dict(found.most_common()))

    def _stretches(self, metric: str, having: Sequence[str]) -> list[list[Stretch]]:
        fitting = [
            stretches
            for (name, labels), stretches in self._series.items()
            if name == metric and all(text in labels.split(",") for text in having)
        ]
        return [
            [stretches[n] for stretches in fitting if n in stretches] for n in range(self.range.stretches)
        ]


def look_back(chosen: Range, now: dt.datetime) -> Figures:
    """Read a range up to the last minute that is over: the one under way is not kept yet."""
    stretch_seconds = chosen.stretch.total_seconds()
    until = now.replace(second=0, microsecond=0)
    end = dt.datetime.fromtimestamp(-(-until.timestamp() // stretch_seconds) * stretch_seconds, dt.UTC)
    first = end - chosen.stretch * chosen.stretches
    kept = MetricSample.objects.filter(
        metric__in=[*COUNTED, *READ, *STOOD], resolution=chosen.resolution, at__gte=first, at__lt=end
    )
    series: dict[tuple[str, str], dict[int, Stretch]] = {}
    each: dict[tuple[str, str], Stretch] = {}
    columns = ("metric", "labels", "at", "total", "observations", "most", "classes")
    for metric, labels, at, total, observations, most, classes in kept.values_list(*columns):
        stretches = series.setdefault((metric, _without_each(labels)), {})
        for stretch in (
            stretches.setdefault((at - first) // chosen.stretch, Stretch()),
            each.setdefault((metric, labels), Stretch()),
        ):
            stretch.add(total, observations, most, classes)
    return Figures(chosen, first, until, series, _routes(each), _jobs(each))


@cache
def _without_each(labels: str) -> str:
    return ",".join(part for part in labels.split(",") if part.partition("=")[0] not in EACH)


def lately(now: dt.datetime) -> Lately:
    """The last hour, as far as what is wrong needs it."""
    found = {
        metric: Counter[str]()
        for metric in ("leftoff_requests", "leftoff_activity_rejected", "leftoff_hints_dropped")
    }
    kept = MetricSample.objects.filter(
        metric__in=found, resolution=Resolution.MINUTE, at__gte=now - dt.timedelta(hours=1)
    )
    for metric, labels, total in kept.values_list("metric", "labels").annotate(Sum("total")):
        what = "status" if metric == "leftoff_requests" else "reason"
        found[metric][label_in(labels, what)] += round(total)
    requests, refused = found["leftoff_requests"], found["leftoff_activity_rejected"]
    return Lately(
        requests=requests.total(),
        broken=requests["5xx"],
        refused={REASONS.get(reason, reason): times for reason, times in refused.most_common()},
        hints_dropped=found["leftoff_hints_dropped"].total(),
    )


# What is kept of each route and each job over the whole time: by metric and labels.
_Each = Mapping[tuple[str, str], Stretch]


def _routes(each: _Each) -> list[Route]:
    """The slowest routes first: by what the slowest twentieth of their requests took."""
    broken = _by(each, "leftoff_requests", "route", "status=5xx")
    statements = _by(each, "leftoff_database_statements", "by")
    database_seconds = _by(each, "leftoff_database_seconds", "by")
    found = []
    for (metric, labels), stretch in each.items():
        if metric != "leftoff_request_seconds":
            continue
        route = label_in(labels, "route")
        found.append(
            Route(
                route=route,
                requests=stretch.observations,
                broken=round(broken[route]),
                median=_quantile([stretch], 0.5),
                p95=_quantile([stretch], 0.95),
                longest=stretch.most,
                statements=statements[route],
                database_seconds=database_seconds[route],
            )
        )
    return sorted(found, key=lambda route: route.p95 or 0.0, reverse=True)[:MOST_ROUTES]


def _jobs(each: _Each) -> list[Job]:
    """Jobs by name, those that failed first."""
    all_done = _by(each, "leftoff_jobs", "task", "outcome=done")
    found = []
    for (metric, labels), stretch in each.items():
        if metric != "leftoff_job_seconds":
            continue
        job = label_in(labels, "task")
        done = round(all_done[job])
        found.append(Job(job, done, stretch.observations - done, _quantile([stretch], 0.95), stretch.most))
    return sorted(found, key=lambda each_job: (-each_job.failed, each_job.job))


def _by(each: _Each, metric: str, label: str, having: str = "") -> defaultdict[str, float]:
    """What a counter grew by, by the label that names one of many; of those that have this other label."""
    found: defaultdict[str, float] = defaultdict(float)
    for (name, labels), stretch in each.items():
        if name == metric and (not having or having in labels.split(",")):
            found[label_in(labels, label)] += stretch.total
    return found


def _quantile(stretches: Sequence[Stretch], share: float) -> float | None:
    """The quantile of all these; None without any."""
    classes = [
        sum(column) for column in zip_longest(*(stretch.classes for stretch in stretches), fillvalue=0)
    ]
    return quantile(
        share, classes, LIMITS_SECONDS, most=max((stretch.most for stretch in stretches), default=0.0)
    )
