"""Reading what was counted: figures of one process go on from test to test, so it is what they grew by."""

from __future__ import annotations

from collections import Counter

from sessions_app.metrics.instruments import REGISTRY


def figures(prefix: str) -> Counter[tuple[str, ...]]:
    """Every sample whose name begins so: by name and the values of its labels."""
    return Counter(
        {
            (sample.name.removeprefix(prefix), *sample.labels.values()): sample.value
            for family in REGISTRY.collect()
            for sample in family.samples
            if sample.name.startswith(prefix)
        }
    )


class Grown:
    """What the figures grew by since this was made."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self._before = prefix, figures(prefix)

    def by(self) -> dict[tuple[str, ...], float]:
        """Only what grew."""
        return dict(figures(self._prefix) - self._before)
