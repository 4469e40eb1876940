"""What every reader gives back: plain rows, and an account of all that did not become one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sessions_app.importers.texts import shorten

State = Literal["exploring", "decided", "parked"]

# Characters. Longer ones are cut with a visible "…" and counted in `Reading.shortened`.
TITLE_MAX = 300
TEXT_MAX = 40_000
REASON_MAX = 2_000
PERSON_MAX = 200
FIELD_MAX = {"title": TITLE_MAX, "text": TEXT_MAX, "reason": REASON_MAX, "people": PERSON_MAX}

# Characters. A key cannot be cut, two could become the same; a longer one is a problem. 255 fits a file name.
KEY_MAX = 255

# Bytes of one line or one file. The largest real ones have 20 kB; this only keeps memory bounded.
RECORD_MAX_BYTES = 2_000_000


class ImportFormatError(ValueError):
    """The path as a whole cannot be read; the text says what is expected."""


@dataclass(frozen=True)
class ItemRow:
    """One item as its source tells it.

    `key` stays the same from one import to the next. `reason` says why it is decided or parked, and is empty
    while exploring. `outcome` is the source's own word ("Accepted", "Rejected", "Done"), empty where the
    format has none. `waits_for` holds keys of other rows in the same reading; circles are possible.
    """

    key: str
    title: str
    text: str
    state: State
    reason: str
    outcome: str
    date: datetime | None  # always aware, always UTC
    people: tuple[str, ...]
    waits_for: tuple[str, ...]
    where: str  # "012-one-cluster.md", relative to the folder, or "work.jsonl:12"


@dataclass(frozen=True)
class Problem:
    """Something a person should look at: where it is, and a sentence about it."""

    where: str
    what: str


@dataclass(frozen=True)
class Reading:
    """Everything one import found. `read` = rows + gone + skipped + problems, always."""

    rows: tuple[ItemRow, ...]
    gone: tuple[str, ...]  # keys the source itself says were deleted
    skipped: dict[str, int]  # kind -> how many are no items by design
    problems: tuple[Problem, ...]  # bad records; none of them became a row
    read: int
    dependencies_dropped: dict[str, int]  # "gone", "skipped", "unknown", "self" or "repeated" -> how many
    dependencies_ignored: dict[str, int]  # kind of link that is no dependency -> how many
    unknown_statuses: tuple[Problem, ...]  # of rows: read as exploring
    notes: tuple[Problem, ...]  # of rows: dates nobody could read
    shortened: dict[str, int]  # field -> how many were cut


class BadRecord(Exception):
    """Raised inside a reader to give up on one record; the text is the problem's sentence."""


@dataclass
class Draft:
    """A reading while it is being written. One call per record keeps the sum in `Reading` true."""

    rows: list[ItemRow] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    dependencies_dropped: Counter[str] = field(default_factory=Counter)
    dependencies_ignored: Counter[str] = field(default_factory=Counter)
    unknown_statuses: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    shortened: Counter[str] = field(default_factory=Counter)

    def fit(self, name: str, text: str) -> str:
        """`text`, cut to what the field `name` may hold; a cut is counted."""
        short = shorten(text, FIELD_MAX[name])
        if short != text:
            self.shortened[name] += 1
        return short

    def finish(self) -> Reading:
        """The finished reading."""
        return Reading(
            rows=tuple(self.rows),
            gone=tuple(self.gone),
            skipped=dict(self.skipped),
            problems=tuple(self.problems),
            read=len(self.rows) + len(self.gone) + self.skipped.total() + len(self.problems),
            dependencies_dropped=dict(self.dependencies_dropped),
            dependencies_ignored=dict(self.dependencies_ignored),
            unknown_statuses=tuple(self.unknown_statuses),
            notes=tuple(self.notes),
            shortened=dict(self.shortened),
        )
