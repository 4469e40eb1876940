"""What a process counted since it was asked last: the figures that are kept over time, as samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from sessions_app.metrics.instruments import DURATIONS, REGISTRY, WORKER_REGISTRY

# As much as the column holds.
LABELS_MAX_CHARACTERS = 200


@dataclass(frozen=True)
class Sample:
    """What a figure grew by, or was read as; see models/metrics.py."""

    metric: str
    labels: str
    total: float
    observations: int = 1
    most: float = 0.0
    # How many fell into each class of LIMITS_SECONDS, and above the last of them.
    classes: tuple[int, ...] = ()

    def __add__(self, other: Sample) -> Sample:
        return replace(
            self,
            total=self.total + other.total,
            observations=self.observations + other.observations,
            most=max(self.most, other.most),
            classes=tuple(a + b for a, b in zip_longest(self.classes, other.classes, fillvalue=0)),
        )


def summed(samples: Iterable[Sample]) -> list[Sample]:
    """One sample for each metric and labels, in their order."""
    found: dict[tuple[str, str], Sample] = {}
    for sample in samples:
        key = (sample.metric, sample.labels)
        found[key] = found[key] + sample if key in found else sample
    return [found[key] for key in sorted(found)]


def labelled(**labels: str) -> str:
    """Labels as a sample has them: sorted names, empty where there are none."""
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels))[:LABELS_MAX_CHARACTERS]


def label_in(labels: str, name: str) -> str:
    """One label's value out of that text, or ""."""
    found = (part.partition("=") for part in labels.split(","))
    return next((value for known, _, value in found if known == name), "")


def _as_they_are(labels: Mapping[str, str]) -> dict[str, str]:
    return dict(labels)


def _by_route_and_kind(labels: Mapping[str, str]) -> dict[str, str]:
    """Without the method, and with one word for a hundred statuses: enough to look back at."""
    return {"route": labels["route"], "status": f"{labels['status'][0]}xx"}


def _by_route(labels: Mapping[str, str]) -> dict[str, str]:
    return {"route": labels["route"]}


# What is kept over time, and by which labels.
COUNTED: dict[str, Callable[[Mapping[str, str]], dict[str, str]]] = {
    "leftoff_requests": _by_route_and_kind,
    "leftoff_request_seconds": _by_route,
    "leftoff_database_statements": _as_they_are,
    "leftoff_database_seconds": _as_they_are,
    "leftoff_activity_sent": _as_they_are,
    "leftoff_activity_accepted": _as_they_are,
    "leftoff_activity_rejected": _as_they_are,
    "leftoff_refusals_untold": _as_they_are,
    "leftoff_sessions": _as_they_are,
    "leftoff_sockets_closed": _as_they_are,
    "leftoff_push_seconds": _as_they_are,
    "leftoff_hints_dropped": _as_they_are,
    "leftoff_jobs": _as_they_are,
    "leftoff_job_seconds": _as_they_are,
}
# Read once a minute by every process, and added up over them.
READ = ("leftoff_sockets",)

_Key = tuple[str, tuple[tuple[str, str], ...], str]


class Meter:
    """Tells what the figures of this process grew by from one call to the next. For one thread."""

    def __init__(self, registries: tuple[CollectorRegistry, ...] = (REGISTRY, WORKER_REGISTRY)) -> None:
        self._registries = registries
        self._before: dict[_Key, float] = {}

    def take(self) -> list[Sample]:
        """What was counted since the last call, or since the process began; and what is read now."""
        longest = {
            (durations.name, labels): most
            for durations in DURATIONS
            for labels, most in durations.take_longest().items()
        }
        return summed(
            sample
            for registry in self._registries
            for family in registry.collect()
            for sample in self._samples(family, longest)
        )

    def _samples(
        self, family: Metric, longest: Mapping[tuple[str, tuple[tuple[str, str], ...]], float]
    ) -> Iterator[Sample]:
        if family.name in READ:
            for read in family.samples:
                yield Sample(family.name, labelled(**read.labels), read.value, most=read.value)
        elif family.name in COUNTED:
            kept = COUNTED[family.name]
            for labels, grown in self._grown(family).items():
                text = labelled(**kept(dict(labels)))
                if family.type == "histogram":
                    most = longest.get((family.name, labels), 0.0)
                    yield _of_histogram(family.name, text, grown, most)
                else:
                    total = grown["_total"]
                    yield Sample(family.name, text, total, round(total), total)

    def _grown(self, family: Metric) -> dict[tuple[tuple[str, str], ...], dict[str, float]]:
        """By labels: what each part of a family grew by; a histogram's classes by their upper limit."""
        found: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
        for read in family.samples:
            limit = read.labels.get("le", "")
            labels = tuple((name, value) for name, value in read.labels.items() if name != "le")
            part = read.name.removeprefix(family.name)
            key = (read.name, labels, limit)
            grown = read.value - self._before.get(key, 0.0)
            self._before[key] = read.value
            found.setdefault(labels, {})[limit or part] = grown
        return {labels: parts for labels, parts in found.items() if any(parts.values())}


def _of_histogram(name: str, labels: str, grown: Mapping[str, float], most: float) -> Sample:
    # Prometheus' classes hold all below their limit; ours those above the limit before it, too.
    below = [0.0, *(value for limit, value in grown.items() if not limit.startswith("_"))]
    classes = tuple(round(upper - lower) for lower, upper in pairwise(below))
    return Sample(name, labels, grown["_sum"], round(grown["_count"]), most, classes)
