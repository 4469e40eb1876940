"""Several ways of doing a thing, measured in turn, so that what disturbs the machine disturbs all of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def in_turn(ways: Mapping[Key, Callable[[], float]], rounds: int) -> dict[Key, float]:
    """Of each way the median of its figures, after a first round that counts for nothing."""
    return {name: statistics.median(figures) for name, figures in rounds_of(ways, rounds).items()}


def rounds_of(ways: Mapping[Key, Callable[[], float]], rounds: int) -> dict[Key, list[float]]:
    """Of each way its figures, a round each, after a first that counts for nothing."""
    found: dict[Key, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            figure = way()
            if number:
                found[name].append(figure)
    return found
