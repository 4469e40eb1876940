"""What benchmarks measured: each figure, beside the limit it is to keep, and how costs grow.

A figure that misses its limit is told as missed and fails nothing. Who reads the table judges; a benchmark
that breaks off fails as any test does, and leaves no line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MET, MISSED = "met", "missed"
AT_MOST, AT_LEAST = "<=", ">="


class Line(NamedTuple):
    """One figure. Its limit and the way to it ("<=", ">=") are empty where there is none."""

    topic: str
    what: str
    figure: float
    unit: str = ""
    way: str = ""
    limit: float | None = None

    @property
    def told(self) -> str:
        return as_told(self.figure, self.unit)

    @property
    def told_limit(self) -> str:
        return "" if self.limit is None else f"{self.way} {as_told(self.limit, self.unit)}"

    @property
    def used(self) -> float | None:
        """How much of the limit is used up: to 1 the goal is met, past it missed. None without a limit."""
        if self.limit is None:
            return None
        above, below = (self.figure, self.limit) if self.way == AT_MOST else (self.limit, self.figure)
        return above / below if below else float("inf" if above else 0)

    @property
    def verdict(self) -> str:
        if self.used is None:
            return ""
        return MET if self.used <= 1 else MISSED


class Curve(NamedTuple):
    """How one figure grows with a size: pairs of both, smallest first, and what each is counted in."""

    topic: str
    name: str
    x: str
    y: str
    points: tuple[tuple[float, float], ...]


@dataclass
class Goals:
    """One benchmark's findings."""

    # Plain tuples, as a test's report carries nothing else.
    lines: list[tuple[object, ...]] = field(default_factory=list)
    curves: list[tuple[object, ...]] = field(default_factory=list)

    def at_most(self, topic: str, what: str, figure: float, limit: float, unit: str = "") -> None:
        """A figure that is to stay within its limit, both in the same unit; "x" for a ratio."""
        self.lines.append(Line(topic, what, float(figure), unit, AT_MOST, float(limit)))

    def at_least(self, topic: str, what: str, figure: float, limit: float, unit: str = "") -> None:
        """A figure that is to reach its limit."""
        self.lines.append(Line(topic, what, float(figure), unit, AT_LEAST, float(limit)))

    def figure(self, topic: str, what: str, figure: float, unit: str = "") -> None:
        """A figure without a limit: a floor, a peer, or what a ratio was made of."""
        self.lines.append(Line(topic, what, float(figure), unit))

    def curve(self, topic: str, name: str, points: Mapping[float, float], x: str, y: str) -> None:
        """How a cost grows: `points` leads from a size, counted in `x`, to the cost, counted in `y`."""
        pairs = tuple(sorted((float(size), float(cost)) for size, cost in points.items()))
        self.curves.append(Curve(topic, name, x, y, pairs))


def as_told(figure: float, unit: str = "") -> str:
    """A figure as people read it: three digits that count, or all of a large one, and its unit."""
    digits = f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.3g}"
    return f"{digits} {unit}".strip()
