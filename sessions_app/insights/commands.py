"""Commands in the chat: `/decide`, `/park`, `/explore`, `/ask` at the start of a line."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

Verb = Literal["decide", "park", "explore", "ask"]

# As long as an item's title, a question's text and a reason may be.
TITLE_MAX_CHARACTERS = 300
QUESTION_MAX_CHARACTERS = 2_000
REASON_MAX_CHARACTERS = 2_000

# How sure a language model's reading is; what the rules read is surer.
GUESS = 0.5

_COMMAND = re.compile(r"/(decide|park|explore|ask)(?:[ \t:]+(.*))?", re.IGNORECASE)
_BECAUSE = re.compile(r"(?:^|[\s,;–—-]+)because(?:\s+|$)", re.IGNORECASE)
_UNTIL = re.compile(r"(?:^|[\s,;]+)until\s+(\d{4}-\d{1,2}-\d{1,2})[.!]?(?=\s|$)", re.IGNORECASE)
_TITLE_ENDS = " \t,;:–—-"


@dataclass(frozen=True, slots=True)
class Statement:
    """Something a message says that is to be recorded.

    `title` of the item, or the question; `until`: parked up to that day; `quote`: the words it is taken
    from; `confidence`: 1 for a command, less for words, GUESS for what a language model read.
    """

    verb: Verb
    title: str
    quote: str
    reason: str = ""
    until: dt.date | None = None
    confidence: float = 1.0

    @property
    def is_command(self) -> bool:
        return self.confidence == 1.0

    @property
    def is_guess(self) -> bool:
        return self.confidence <= GUESS


@dataclass(frozen=True, slots=True)
class Slip:
    """A command that cannot be followed. `rule` is a sentence that says what to write instead."""

    quote: str
    rule: str


def read_command(line: str) -> Statement | Slip | None:
    """The command a line is; None when it is none."""
    match = _COMMAND.fullmatch(line.strip())
    if match is None:
        return None
    verb, rest = match[1].lower(), (match[2] or "").strip()
    if verb == "ask":
        return _question(line, rest)
    return _item(verb, line, rest)  # type: ignore[arg-type]  # one of the other three


def _question(line: str, text: str) -> Statement | Slip:
    if not text:
        return Slip(line, "Say what to ask: /ask How many seats does the hall have?")
    if len(text) > QUESTION_MAX_CHARACTERS:
        return Slip(line, f"A question has at most {QUESTION_MAX_CHARACTERS:,} characters.")
    return Statement("ask", text, line)


def _item(verb: Literal["decide", "park", "explore"], line: str, rest: str) -> Statement | Slip:
    until = None
    if verb == "park" and (dated := _UNTIL.search(rest)):
        try:
            until = dt.date.fromisoformat("-".join(part.zfill(2) for part in dated[1].split("-")))
        except ValueError:
            return Slip(line, f"{dated[1]} is no day; write it like 2027-03-31.")
        rest = f"{rest[: dated.start()]} {rest[dated.end() :]}"
    title, reason = (rest, "") if verb == "explore" else split_reason(rest)
    title = " ".join(title.split()).strip(_TITLE_ENDS)
    if not any(map(str.isalnum, title)):
        return Slip(line, f"Say which item: /{verb} Rent the mill hall")
    if len(title) > TITLE_MAX_CHARACTERS:
        return Slip(
            line, f"A title has at most {TITLE_MAX_CHARACTERS} characters; say the rest after “because”."
        )
    if len(reason) > REASON_MAX_CHARACTERS:
        return Slip(line, f"A reason has at most {REASON_MAX_CHARACTERS:,} characters.")
    return Statement(verb, title, line, reason, until)


def split_reason(text: str) -> tuple[str, str]:
    """What comes before "because", and what comes after it."""
    match = _BECAUSE.search(text)
    if match is None:
        return text, ""
    return text[: match.start()], " ".join(text[match.end() :].split())
