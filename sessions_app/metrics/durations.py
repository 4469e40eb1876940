"""How long things took: Prometheus' histogram, which also remembers the longest since somebody asked."""

from __future__ import annotations

import itertools
import threading
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

# The classes' upper limits, in seconds, of every histogram; above the last there is one more class.
LIMITS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LIMITS_SAID = (*map(str, LIMITS_SECONDS), "+Inf")


@dataclass(slots=True)
class _Counted:
    # How many took so long, by class.
    by_class: list[int] = field(default_factory=lambda: [0] * len(_LIMITS_SAID))
    seconds: float = 0.0


class Durations(Collector):
    """See the module. `observe` may be called from any thread.

    It counts by itself, several times as quickly as the library's own histogram: a push to a thousand pages
    is a thousand of these.
    """

    def __init__(
        self, name: str, help_text: str, labels: tuple[str, ...], registry: CollectorRegistry
    ) -> None:
        self.name = name
        self._help, self._names = help_text, labels
        self._lock = threading.Lock()
        # By the labels' values. Where there are no labels there is one from the beginning.
        self._counted: dict[tuple[str, ...], _Counted] = {} if labels else {(): _Counted()}
        self._longest: dict[tuple[str, ...], float] = {}
        registry.register(self)

    def observe(self, seconds: float, *labels: str) -> None:
        """Count one that took so long. Raises ValueError unless there is a value for each label."""
        with self._lock:
            if (counted := self._counted.get(labels)) is None:
                if len(labels) != len(self._names):
                    raise ValueError(f"{self.name} has the labels {self._names}, not as many as {labels}")
                counted = self._counted[labels] = _Counted()
            counted.by_class[bisect_left(LIMITS_SECONDS, seconds)] += 1
            counted.seconds += seconds
            if seconds > self._longest.get(labels, 0.0):
                self._longest[labels] = seconds

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """All that was counted, as Prometheus has it: each class holds those below it."""
        family = HistogramMetricFamily(self.name, self._help, labels=self._names)
        with self._lock:
            for labels, counted in self._counted.items():
                at_most = zip(_LIMITS_SAID, itertools.accumulate(counted.by_class), strict=True)
                family.add_metric(labels, list(at_most), counted.seconds)
        yield family

    def take_longest(self) -> dict[tuple[tuple[str, str], ...], float]:
        """The longest since the last call, in seconds, by names and values of the labels."""
        with self._lock:
            longest, self._longest = self._longest, {}
        return {tuple(zip(self._names, values, strict=True)): most for values, most in longest.items()}
