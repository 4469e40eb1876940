"""What the status of a decision record says: a state, an outcome, and the words around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sessions_app.importers.markdown import plain, without_emoji
from sessions_app.importers.rows import State

STATES: dict[str, State] = {
    "accepted": "decided",
    "done": "decided",
    "rejected": "decided",
    "proposed": "exploring",
    "draft": "exploring",
    "incomplete": "exploring",
    "pending": "exploring",
    "in progress": "exploring",
    "none": "exploring",
    "superseded": "parked",
    "superceded": "parked",  # as adr-tools spells it
    "deprecated": "parked",
    "deferred": "parked",
    "on hold": "parked",
}
_WORDS = "(?:" + "|".join(STATES).replace(" ", "[ _-]+") + r")(?!\w)"
# A menu nobody chose from ("{accepted | rejected}") says nothing.
_WORD = re.compile(rf"({_WORDS})(?!\s*[|/]\s*{_WORDS})", re.IGNORECASE)
_LEADING_MARKS = re.compile(r"^[\W_]+")


@dataclass(frozen=True)
class Status:
    """A status as read. `remark` is what stands after the word, `said` is all of it, both plain."""

    state: State
    outcome: str
    remark: str
    said: str
    known: bool


def read_status(lines: list[str]) -> Status:
    """Judge a status by the word its first line begins with.

    Args:
        lines: the status field, or the lines of the status section; none and blank ones are fine.

    Returns:
        The status; an unknown word is exploring, with `known` false.
    """
    said = [words for line in lines if (words := _LEADING_MARKS.sub("", without_emoji(plain(line))))]
    if not said:
        return Status("exploring", "", "", "", known=True)
    first, *more = said
    found = _WORD.match(first)
    word = re.sub("[ _-]+", " ", found[1].lower()) if found else ""
    rest = _bare(first[found.end() :]) if found else first
    state = STATES.get(word, "exploring")
    return Status(
        state=state,
        outcome=word.capitalize() if state == "decided" else "",
        remark="\n".join(_sentence(line) for line in [rest, *more] if line),
        said="\n".join(_sentence(line) for line in said),
        known=found is not None,
    )


def _bare(rest: str) -> str:
    """What follows the word, without the marks that only tied it to the word."""
    rest = rest.strip().lstrip("-–—:,;.").strip()
    if rest.startswith("(") and rest.find(")") == len(rest) - 1:
        rest = rest[1:-1].strip()
    return rest


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
