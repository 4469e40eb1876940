"""The draft of a hand-off: what happened in one visit, in a few plain lines that its person goes on from.

Only the ledger's facts, and only people's own reasons: what others did is told with their name, and no
words of an agent are put into a person's mouth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Well below what a hand-off may have: there is room to add to it.
MOST_CHARACTERS = 2_400
MOST_STEPS, MOST_STUCK = 3, 3
# Of each line so many things are named; fewer where the draft is too long.
_NAMED = (6, 4, 2, 1)
_SUBJECT_CHARACTERS, _REASON_CHARACTERS, _NAME_CHARACTERS = 80, 100, 40

_LINES = (
    ("Decided", "item.decided"),
    ("Parked", "item.parked"),
    ("Reopened", "item.explored"),
    ("Added", "item.added"),
    ("Removed", "item.deleted"),
    ("Answered", "question.answered"),
    ("Asked", "question.asked"),
)
# What is to be read of the ledger: also what takes a line back without having one.
KINDS = (*(kind for _word, kind in _LINES), "question.dismissed", "question.expired")


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of the ledger. `subject_id` is the item or question it is about, `subject` its title or text.

    `by` is who did it, "" for the person whose hand-off it is.
    """

    kind: str
    subject_id: str
    subject: str
    reason: str = ""
    by: str = ""
    by_agent: bool = False


@dataclass(frozen=True, slots=True)
class Stuck:
    """An open blocker; `by` is the agent whose words it is told in, "" where the words are ours."""

    text: str
    by: str = ""


def draft(happened: Iterable[Happened], steps: Sequence[str], stuck: Sequence[Stuck]) -> str:
    """The draft, a line for each kind of thing; "" when nothing happened and nothing waits.

    `happened` is oldest first; of an item or a question its last word counts. `steps` are the next steps in
    words, best first; `stuck` the open blockers, the most blocking first. At most MOST_CHARACTERS.
    """
    last = _last_words(happened)
    open_line = _line("Open", [_cut(step, _REASON_CHARACTERS) for step in steps], MOST_STEPS)
    stuck_line = _line("Stuck", [_blocker(row) for row in stuck], MOST_STUCK)
    text = ""
    for named in _NAMED:
        told = [
            _line(word, [_thing(row) for row in last if row.kind == kind], named) for word, kind in _LINES
        ]
        text = "\n".join(line for line in (*told, open_line, stuck_line) if line)
        if len(text) <= MOST_CHARACTERS:
            break
    return text


def _last_words(happened: Iterable[Happened]) -> list[Happened]:
    """For each thing the last that happened to it, in the order in which these happened."""
    last: dict[str, Happened] = {}
    for row in happened:
        last.pop(row.subject_id, None)
        last[row.subject_id] = row
    return list(last.values())


def _line(word: str, things: Sequence[str], most: int) -> str:
    if not things:
        return ""
    more = len(things) - most
    told = [*things[:most], f"and {more} more"] if more > 0 else things
    return f"{word}: {'; '.join(told)}."


def _thing(row: Happened) -> str:
    """`Lamp (brighter)`; another's with their name: `Lens, by Bob (it was cracked)`."""
    subject = _cut(row.subject, _SUBJECT_CHARACTERS)
    by = f", by {_cut(row.by, _NAME_CHARACTERS)}" if row.by else ""
    why = "" if row.by_agent else _cut(row.reason, _REASON_CHARACTERS)
    # A question is quoted: it is nobody's claim.
    told = f"“{subject}”" if row.kind.startswith("question.") else subject
    return f"{told}{by}{f' ({why})' if why else ''}"


def _blocker(row: Stuck) -> str:
    text = _cut(row.text, _REASON_CHARACTERS)
    return f"“{text}”, says {_cut(row.by, _NAME_CHARACTERS)}" if row.by else text


def _cut(text: str, most: int) -> str:
    """The text on one line, without the mark its sentence ends with, cut to at most so many characters."""
    line = " ".join(text.split()).rstrip(".;")
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
