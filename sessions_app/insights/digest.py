"""The digest by mail: when it is due, and what it says of the projects in which something waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sessions_app.insights.durations import counted

MORNING_HOUR = 8
# Until so many hours later it is still that morning's: a worker that was away catches up, but not at night.
MORNING_HOURS = 6
# Rows that a part names; more are counted.
MOST_NAMED = 5
_TITLE_CHARACTERS, _WORDS_CHARACTERS = 70, 300

PartKind = Literal["questions", "reviews", "blockers", "decided", "notes"]

# What needs the reader, then what happened: as on the page.
PART_KINDS: tuple[PartKind, ...] = get_args(PartKind)
_HEADINGS: dict[PartKind, tuple[str, str]] = {
    "questions": ("question waits for an answer", "questions wait for an answer"),
    "reviews": ("item wants another look", "items want another look"),
    "blockers": ("blocker waits for you", "blockers wait for you"),
    "decided": ("decision by others since you were here", "decisions by others since you were here"),
    "notes": ("note was left for you", "notes were left for you"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """Something that waits: what it says, by whom, since when, and `why` in a few words ("" for none)."""

    text: str
    who: str
    at: dt.datetime
    url: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What waits of one kind: the first rows, and how many there are in all."""

    kind: PartKind
    total: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ProjectWaits:
    title: str
    url: str
    parts: Sequence[Part]

    @property
    def total(self) -> int:
        return sum(part.total for part in self.parts)


@dataclass(frozen=True, slots=True)
class Line:
    """A row in words; `note` says by whom, since when and why."""

    text: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    lines: Sequence[Line]
    more: int


@dataclass(frozen=True, slots=True)
class Told:
    """A project of the digest in words."""

    title: str
    url: str
    sections: Sequence[Section]


def is_due(choice: str, last: dt.datetime | None, zone: dt.tzinfo, now: dt.datetime) -> bool:
    """Whether a digest is due: at 8 in the morning there, each day or for each week, once.

    `choice` is off, daily or weekly, `last` when the last one was due. A weekly one that Monday's worker
    missed comes on the next morning.
    """
    local = now.astimezone(zone)
    morning = dt.datetime.combine(local.date(), dt.time(MORNING_HOUR), tzinfo=zone)
    if not morning <= local < morning + dt.timedelta(hours=MORNING_HOURS):
        return False
    if choice not in ("daily", "weekly"):
        return False
    period = morning - dt.timedelta(days=local.weekday()) if choice == "weekly" else morning
    return last is None or last < period


def subject(projects: Sequence[ProjectWaits]) -> str:
    """`3 things wait in Neighbourhood library reopening`, `7 things wait in 2 projects`."""
    waits = counted(sum(project.total for project in projects), "thing waits", "things wait")
    if len(projects) > 1:
        return f"{waits} in {len(projects)} projects"
    return f"{waits} in {_cut(projects[0].title, _TITLE_CHARACTERS)}"


def in_words(projects: Sequence[ProjectWaits], zone: dt.tzinfo) -> list[Told]:
    """Each project with a section for each kind of thing, all in words, days as they are in that zone."""
    return [
        Told(
            _cut(project.title, _WORDS_CHARACTERS),
            project.url,
            [_section(part, zone) for part in project.parts if part.total],
        )
        for project in projects
    ]


def frees(items: int) -> str:
    """What an answer would do: `frees 2 items`; "" where nothing waits for it."""
    return f"frees {counted(items, 'item')}" if items else ""


def _section(part: Part, zone: dt.tzinfo) -> Section:
    lines = [_line(row, zone) for row in part.rows[:MOST_NAMED]]
    return Section(counted(part.total, *_HEADINGS[part.kind]), lines, part.total - len(lines))


def _line(row: Row, zone: dt.tzinfo) -> Line:
    # The day, not how long ago: who knows when a mail is read.
    local = row.at.astimezone(zone)
    day = f"{local:%a} {local.day} {local:%b}"
    told = f"{_cut(row.who, _TITLE_CHARACTERS)}, {day}" if row.who else day
    why = _cut(row.why, _WORDS_CHARACTERS)
    return Line(_cut(row.text, _WORDS_CHARACTERS), f"{told}: {why}" if why else told, row.url)


def _cut(text: str, most: int) -> str:
    """The text on one line, cut to at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
