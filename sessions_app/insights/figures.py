"""Figures of many numbers: the middle first, then how far it goes, and how often what comes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """What `n` numbers come to, in their own unit; one in twenty is greater than `p95`."""

    n: int
    median: float
    p95: float
    mean: float


def spread(numbers: Sequence[float]) -> Spread | None:
    """The figures of these numbers, in whatever order they come; None of no numbers."""
    if not numbers:
        return None
    ordered = sorted(numbers)
    return Spread(
        n=len(ordered),
        median=percentile(ordered, 0.5),
        p95=percentile(ordered, 0.95),
        mean=sum(ordered) / len(ordered),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The number below which that share (0 to 1) of the ordered numbers lies.

    Between the two numbers nearest to it, it is taken on the straight line from one to the other, as
    PostgreSQL's percentile_cont does.
    """
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True)
class Scale:
    """Classes that numbers fall into: from each of `edges` up to, and without, the next; the last is open."""

    edges: tuple[float, ...]
    # What each is called, short enough to stand under a column on a phone.
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Class:
    """How many numbers fall into one class, and whether their median does."""

    label: str
    times: int
    holds_median: bool


def histogram(numbers: Sequence[float], scale: Scale) -> tuple[Class, ...]:
    """Every class of the scale, also the empty ones. Numbers below the first edge count in the first."""
    ordered = sorted(numbers)
    # How many lie below where each class begins; nothing lies below the first, and all below the end.
    below = [0, *(bisect_left(ordered, edge) for edge in scale.edges[1:]), len(ordered)]
    median = percentile(ordered, 0.5) if ordered else None
    return tuple(
        Class(
            label,
            times=below[place + 1] - below[place],
            holds_median=median is not None and _is_in(median, place, scale),
        )
        for place, label in enumerate(scale.labels)
    )


def _is_in(number: float, place: int, scale: Scale) -> bool:
    is_above = place == 0 or scale.edges[place] <= number
    return is_above and (place + 1 == len(scale.edges) or number < scale.edges[place + 1])


_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

LENGTHS = Scale(
    (0, *(_MINUTE * n for n in (1, 5, 15, 30)), _HOUR, 2 * _HOUR, 4 * _HOUR),
    ("< 1 min", "1–5", "5–15", "15–30", "30–60", "1–2 h", "2–4 h", "> 4 h"),
)
LAGS = Scale(
    (0, 15, *(_MINUTE * n for n in (1, 2, 5, 15, 30))),
    ("< 15 s", "15–60 s", "1–2 min", "2–5", "5–15", "15–30", "> 30"),
)
GAPS = Scale(
    (0, _HOUR, 8 * _HOUR, *(_DAY * n for n in (1, 2, 4, 7, 14))),
    ("< 1 h", "1–8 h", "8–24 h", "1–2 d", "2–4 d", "4–7 d", "7–14 d", "> 14 d"),
)
WAITS = Scale(
    (0, 10 * _MINUTE, _HOUR, 4 * _HOUR, *(_DAY * n for n in (1, 2, 7, 14))),
    ("< 10 min", "< 1 h", "1–4 h", "4–24 h", "1–2 d", "2–7 d", "7–14 d", "> 14 d"),
)
ITEMS = Scale((0, 1, 2, 3, 4, 5, 10), ("0", "1", "2", "3", "4", "5–9", "10 +"))
VISITS = Scale((0, 2, 3, 4, 5, 10), ("1", "2", "3", "4", "5–9", "10 +"))
