"""Decisions as MADR 4 files (https://adr.github.io/madr/), one Markdown file each.

What `importers/adr.py` reads back is what was decided: title, state, outcome, reason, date and people.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from sessions_app.exporters import markdown
from sessions_app.exporters.rows import DecisionRow, Named

# The words of a decided record that readers of such files know; another outcome is told in the text.
_STATUSES = ("accepted", "rejected", "done")
_SLUG_MAX_CHARACTERS = 60
# Names by which readers of such files know what is no record.
_NO_RECORDS = ("readme", "index", "template")


def file_name(number: int, title: str) -> str:
    """A safe name like "0012-rent-the-mill-hall.md"; letters of other scripts are left out."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_MAX_CHARACTERS].strip("-") or "decision"
    return f"{number:04}-{slug}-decision.md" if slug in _NO_RECORDS else f"{number:04}-{slug}.md"


def record(row: DecisionRow, numbers: Mapping[UUID, int]) -> str:
    """The text of a decision's file. `numbers`: of each item that was ever decided."""
    return "\n\n".join([_front_matter(row, numbers), *_sections(row, numbers)]) + "\n"


def _front_matter(row: DecisionRow, numbers: Mapping[UUID, int]) -> str:
    people = [f"  - {_quoted(name)}" for name in row.decided_by]
    return "\n".join(
        [
            "---",
            f"status: {_quoted(_status(row, numbers))}",
            f"date: {_day(row.decided_at)}",
            *(["decision-makers:", *people] if people else []),
            "---",
        ]
    )


def _sections(row: DecisionRow, numbers: Mapping[UUID, int]) -> Iterator[str]:
    yield f"# {markdown.line(row.title)}"
    yield "## Context and Problem Statement"
    yield markdown.paragraphs(row.text) or "<!-- Nothing was written down. -->"
    if row.alternatives:
        yield "## Considered Options"
        yield _list(markdown.line(one) for one in row.alternatives)
    yield "## Decision Outcome"
    yield markdown.paragraphs(row.reason) or "<!-- No reason was written down. -->"
    if more := list(_more(row, numbers)):
        yield "## More Information"
        yield _list(more)


def _more(row: DecisionRow, numbers: Mapping[UUID, int]) -> Iterator[str]:
    if row.outcome and row.outcome.lower() not in _STATUSES:
        yield f"Outcome: {markdown.line(row.outcome)}"
    for one in row.supersedes:
        yield f"Supersedes {_link(one, numbers)}"
    if row.superseded_by:
        yield f"Superseded by {_link(row.superseded_by, numbers)}"
    if row.quote:
        yield f"Said in the chat: “{markdown.line(row.quote)}”"
    if row.review_at:
        yield f"To be looked at again on {_day(row.review_at)}"
    if row.contested_at:
        by = f" by {markdown.line(row.contested_by)}" if row.contested_by else ""
        why = f": {markdown.line(row.contest_reason)}" if row.contest_reason else ""
        yield f"Contested on {_day(row.contested_at)}{by}{why}"


def _status(row: DecisionRow, numbers: Mapping[UUID, int]) -> str:
    if later := row.superseded_by:
        return f"superseded by ADR-{numbers[later.id]:04}" if later.id in numbers else "superseded"
    return row.outcome.lower() if row.outcome.lower() in _STATUSES else "accepted"


def _link(one: Named, numbers: Mapping[UUID, int]) -> str:
    title = markdown.line(one.title)
    return f"[{title}]({file_name(numbers[one.id], one.title)})" if one.id in numbers else title


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"* {each}" for each in lines)


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar on one line; what does not print is left out."""
    printable = "".join(character for character in text if character.isprintable())
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _day(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).date().isoformat()
