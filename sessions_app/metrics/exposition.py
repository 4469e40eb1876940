"""The figures in Prometheus' text format: what this process counted, and how the whole system stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate

from django.db import connections
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from sessions_app.metrics.disk import disk_of_data
from sessions_app.metrics.durations import LIMITS_SECONDS
from sessions_app.metrics.instruments import JOB_SECONDS, REGISTRY
from sessions_app.metrics.samples import Sample, label_in


class _Given(Collector):
    """Families that were made a moment ago, beside those of the registry."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def text(families: Iterable[Metric]) -> bytes:
    """All of it; `families` is what was read elsewhere."""
    given = CollectorRegistry()
    given.register(_Given([*families, *_pool(), *disk()]))
    return generate_latest(REGISTRY) + generate_latest(given)


def gauge(name: str, help_text: str, value: float) -> Metric:
    """A family of one figure."""
    return GaugeMetricFamily(name, help_text, value=value)


def gauges(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    """A family of a figure a label."""
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for labelled, value in values.items():
        family.add_metric([labelled], value)
    return family


def counter(name: str, help_text: str, value: float) -> Metric:
    """A family of one figure that only grows."""
    return CounterMetricFamily(name, help_text, value=value)


def of_workers(ever: Iterable[Sample]) -> Iterable[Metric]:
    """What workers counted, as counters and histograms: read from the database, for nobody scrapes them."""
    found: dict[str, list[Sample]] = {name: [] for name in WORKERS}
    for sample in ever:
        if sample.metric in found:
            found[sample.metric].append(sample)
    for metric, samples in found.items():
        name, words, labels = WORKERS[metric]
        family = (
            HistogramMetricFamily(name, words, labels=labels)
            if metric == JOB_SECONDS.name
            else CounterMetricFamily(name, words, labels=labels)
        )
        for sample in samples:
            values = [label_in(sample.labels, label) for label in labels]
            if isinstance(family, HistogramMetricFamily):
                family.add_metric(values, _classes(sample), sample.total)
            else:
                family.add_metric(values, sample.total)
        yield family


def _classes(sample: Sample) -> list[tuple[str, float]]:
    """A histogram's classes as Prometheus has them: each holds all below its limit, the last one all."""
    limits = [*(str(limit) for limit in LIMITS_SECONDS), "+Inf"]
    return list(zip(limits, accumulate(sample.classes), strict=True))


# By what they are kept as: what a server tells them as, and their labels.
WORKERS = {
    "leftoff_jobs": ("leftoff_jobs", "Tries of jobs that ended", ["task", "outcome"]),
    JOB_SECONDS.name: (JOB_SECONDS.name, "How long one try of a job took", ["task"]),
    "leftoff_sessions": ("leftoff_worker_sessions", "Sessions that workers ended", ["event"]),
    "leftoff_database_statements": (
        "leftoff_worker_database_statements",
        "Statements that workers asked, by the job that asked",
        ["by"],
    ),
    "leftoff_database_seconds": (
        "leftoff_worker_database_seconds",
        "Time that workers waited for the database's answers",
        ["by"],
    ),
}


def _pool() -> Iterable[Metric]:
    # Made at the first query: a process that asked nothing yet has none.
    pool = getattr(connections["default"], "_connection_pools", {}).get("default")
    return families_of_pool(pool.get_stats()) if pool else ()


def families_of_pool(stats: Mapping[str, int]) -> Iterable[Metric]:
    """How the pool of database connections is used, of psycopg's own figures: it leaves out what is 0."""
    said = Counter(stats)
    idle = said["pool_available"]
    sizes = {"idle": idle, "used": said["pool_size"] - idle, "most": said["pool_max"]}
    yield gauges("leftoff_pool_connections", "Database connections of this process", "state", sizes)
    yield gauge("leftoff_pool_waiting", "Threads that wait for a connection now", said["requests_waiting"])
    yield counter("leftoff_pool_waits", "Times a thread had to wait for one", said["requests_queued"])
    yield counter("leftoff_pool_refusals", "Waits that were in vain", said["requests_errors"])
    yield counter("leftoff_pool_wait_seconds", "Time waited for one", said["requests_wait_ms"] / 1000)


def disk() -> Iterable[Metric]:
    """How full the disk is that the data folder is on."""
    found = disk_of_data()
    yield gauge("leftoff_disk_free_bytes", "Free on the disk of DATA_DIR", found.free)
    yield gauge("leftoff_disk_total_bytes", "Size of the disk of DATA_DIR", found.total)
