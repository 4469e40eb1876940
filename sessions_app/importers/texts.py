"""Small judgements about text and time that every reader shares."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

# Characters of a foreign value quoted in a sentence: enough to recognise it.
SHOWN_MAX = 80

# Characters. A cut goes back to the last space only if it is this near; else one long word eats the text.
WORD_REACH = 60

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)", re.ASCII)


def shorten(text: str, limit: int) -> str:
    """`text`, or its beginning with a visible "…" if it has more than `limit` characters."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    if not text[limit - 1].isspace():
        space = max(kept.rfind(" "), kept.rfind("\n"))
        if space > max(0, len(kept) - WORD_REACH):
            kept = kept[:space]
    return kept.rstrip() + "…"


def shown(value: str) -> str:
    """A foreign value in quotes, safe in a sentence."""
    return f'"{clip(value)}"'


def clip(value: str) -> str:
    """A foreign value made safe to show: one line, printable, not too long."""
    return printable(shorten(" ".join(value[: SHOWN_MAX * 10].split()), SHOWN_MAX))


def printable(text: str) -> str:
    """`text` with everything that does not print (NUL, surrogates, escapes, newlines) as an escape."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def unstorable(text: str) -> str | None:
    """What is in `text` that PostgreSQL would refuse, in words, or None."""
    if "\0" in text:
        return "a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "half a character (a lone surrogate)"
    return None


def utc(text: str) -> datetime | None:
    """The moment `text` names, in UTC; one without a zone is taken as UTC. None if it names none.

    Reads ISO 8601, 2022-09-22, 2022/09/22, 22/09/2022 and 10/04/18; words after the day are normal.
    """
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        day = _day(text)
        return datetime.combine(day, time(), UTC) if day else None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # 0001-01-01 east of Greenwich is before the first year
        return None


def _day(text: str) -> date | None:
    if found := _YEAR_FIRST.match(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.match(text):
        day, month, year = map(int, found.groups())
        year += 2000 if year < 100 else 0
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
