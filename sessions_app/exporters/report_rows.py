"""What a report of a project's period is made of; its words are found already."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A number as it is, and as a reader likes it; None and "–" where there is none."""

    value: float | None
    words: str


@dataclass(frozen=True)
class Figure:
    """One figure of the period, with the median of the period before and what it means."""

    name: str
    unit: str
    n: int
    median: Number
    p95: Number
    mean: Number
    median_before: Number
    meaning: str


@dataclass(frozen=True)
class Entry:
    """One thing that is told: what, why or how, whose, and when (`at` exactly, `day` in words).

    `source_at` and `source_day` are when that was by the source it was imported from, "" where there is none.
    """

    what: str
    why: str
    who: str
    at: str
    day: str
    source_at: str = ""
    source_day: str = ""

    @property
    def told(self) -> str:
        """Whose and when, in words."""
        source = f"by its source {self.source_day}" if self.source_day else ""
        return ", ".join(filter(None, (self.who, self.day, source)))


@dataclass(frozen=True)
class Part:
    """Entries of one kind, and what is said where there is none. `name` is one word, for programs."""

    name: str
    title: str
    entries: tuple[Entry, ...]
    nothing: str


@dataclass(frozen=True)
class Report:
    """A project's period: from when to when, its figures, what happened and what is open."""

    project: str
    first: str
    last: str
    period: str
    before: str
    counted: str
    in_short: tuple[str, ...]
    figures: tuple[Figure, ...]
    parts: tuple[Part, ...]
