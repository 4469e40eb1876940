"""How long things took: Prometheus' histogram, which also remembers the longest since somebody asked."""

from __future__ import annotations

import functools
import threading

from prometheus_client import CollectorRegistry, Histogram

# The classes' upper limits, in seconds, of every histogram; above the last there is one more class.
LIMITS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Durations:
    """See the module. `observe` may be called from any thread."""

    def __init__(
        self, name: str, help_text: str, labels: tuple[str, ...], registry: CollectorRegistry
    ) -> None:
        self.name = name
        self._names = labels
        self._histogram = Histogram(name, help_text, labels, buckets=LIMITS_SECONDS, registry=registry)
        # By its labels, of which there are few: to look one up takes longer than to count.
        self._of = functools.cache(self._histogram.labels)
        self._lock = threading.Lock()
        self._longest: dict[tuple[str, ...], float] = {}

    def observe(self, seconds: float, *labels: str) -> None:
        """Count one that took so long."""
        (self._of(*labels) if labels else self._histogram).observe(seconds)
        with self._lock:
            self._longest[labels] = max(seconds, self._longest.get(labels, 0.0))

    def take_longest(self) -> dict[tuple[tuple[str, str], ...], float]:
        """The longest since the last call, in seconds, by names and values of the labels."""
        with self._lock:
            longest, self._longest = self._longest, {}
        return {tuple(zip(self._names, values, strict=True)): most for values, most in longest.items()}
