"""One decision record, taken apart: MADR (front matter) or Nygard style (`Date:`, `## Status`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sessions_app.importers import front_matter
from sessions_app.importers.markdown import (
    Heading,
    first_paragraph,
    headings,
    link_names,
    plain,
    section_end,
    without_comments,
)

# "Date: 2022-09-22", "Date 09/04/2018", "* Status: accepted" (MADR 2), "**Deciders:** Ann, Bob"
_HEAD_LINE = re.compile(
    r"[\s*_+-]{0,8}"
    r"(?:(status|date|deciders|decision[- ]makers)[*_]{0,3}\s{0,8}:[*_]{0,3}|(date)\s+(?=\d))(.*)$",
    re.IGNORECASE,
)
_STATUS_HEADING = re.compile(r"status(?:(?:\s*:\s*|\s+[–—-]\s+)(\S.*)|\W*)$", re.IGNORECASE)

# Where a record says what was decided, best first. "The existing decision" is one, "Factors in the
# decision" is not.
_DECISIONS = (
    re.compile(r"decisions?( outcomes?)?:?$", re.IGNORECASE),
    re.compile(r"(the )?(\w+ )?decisions?( outcomes?)?:?$", re.IGNORECASE),
    re.compile(r"(the )?proposal:?$|what[’']s proposed:?$", re.IGNORECASE),
)

# "37. Serverless", "ADR-001: Foo", "[ADR-3] Foo", "5 – Foo"
_MARKED_NUMBER = re.compile(
    r"\[?(?:adr[\s_-]*)?#?\d{1,8}\]?\s*[.:)–—-]\s+|\[?adr[\s_-]*\d{1,8}\]?\s+", re.IGNORECASE
)
_NO_WORD = re.compile(r"[^a-z0-9]+")
_BARE_NUMBER = re.compile(r"(\d{1,8})\s+")


@dataclass(frozen=True)
class Parts:
    """What a record says about itself. `status` is None if it has none at all."""

    title: str
    status: list[str] | None
    date: str
    people: list[str]
    decision: str
    text: str


def take_apart(source: str, slug: str) -> Parts:
    """Read one record.

    Args:
        source: the text of the file.
        slug: its name without number and ending ("one-cluster"), for a record without a title.

    Returns:
        Its parts; whatever is missing is empty.
    """
    fields, lines = front_matter.split(source.split("\n"))
    found = headings(lines)
    title = next((heading for heading in found if heading.depth == 1), None)
    head = _head_lines(lines, found, title)
    section, section_lines = _status_section(lines, found, title)

    # The status stands in one of three places; MADR's front matter is the most deliberate.
    places = [fields.get("status"), section, *([value] for name, _, value in head if name == "status")]
    status = next((place for place in places if place), None)
    if status is None and any(place is not None for place in places):
        status = []

    def said(*names: str) -> list[str]:
        values = [value for name in names for value in fields.get(name, [])]
        return values or [value for name, _, value in head if name in names and value]

    # A record that has told its status already may be about one.
    is_title = title is not None and (bool(fields.get("status")) or not _STATUS_HEADING.match(title.words))
    words = title.words if title and is_title else ""
    people = said("decision-makers", "deciders")
    drop = {line for _, line, _ in head} | ({title.line} if title else set()) | set(section_lines)
    return Parts(
        title=_title(words, slug) or " ".join(fields.get("title", [])) or re.sub("[-_]+", " ", slug).strip(),
        status=status,
        date=next(iter(said("date")), ""),
        # A list has its commas inside names ("Ann Lee, security"); one line has them between names.
        people=[name.strip() for name in (people[0].split(",") if len(people) == 1 else people)],
        decision=_decision(lines, [heading for heading in found if heading != title]),
        text="\n".join(line for number, line in enumerate(lines) if number not in drop).strip(),
    )


def _head_lines(lines: list[str], found: list[Heading], title: Heading | None) -> list[tuple[str, int, str]]:
    """The `Date:` kind of lines between title and first section, as (name, line number, value)."""
    end = next((heading.line for heading in found if heading != title), len(lines))
    head = []
    for number, line in enumerate(lines[:end]):
        if match := _HEAD_LINE.match(line):
            name = (match[1] or match[2]).lower().replace(" ", "-")
            head.append((name, number, plain(match[3])))
    return head


def _status_section(
    lines: list[str], found: list[Heading], title: Heading | None
) -> tuple[list[str] | None, range]:
    """What the first status section says (None without one), and the lines it takes."""
    for heading in found:
        if inline := _STATUS_HEADING.match(heading.words):
            end = section_end(heading, found, lines)
            if heading == title:  # "# Status" as the first heading; its section would be the whole file
                end = next((other.line for other in found if other.line > heading.line), len(lines))
            below = without_comments("\n".join(lines[heading.line + 1 : end])).split("\n")
            said = [inline[1] or "", *below]
            return [line for line in said if line.strip()], range(heading.line, end)
    return None, range(0)


def _title(words: str, slug: str) -> str:
    """`words` without the record's number. "12 factor apps" in 005-12-factor-apps.md keeps its own."""
    match = _MARKED_NUMBER.match(words) or _BARE_NUMBER.match(words)
    if match and not slug.lower().startswith(_NO_WORD.sub("-", match[0].lower()).strip("-")):
        return words[match.end() :].strip() or words
    return words


def _decision(lines: list[str], found: list[Heading]) -> str:
    for pattern in _DECISIONS:
        heading = next((one for one in found if pattern.match(one.words)), None)
        end = section_end(heading, found, lines) if heading else 0
        if heading and (text := first_paragraph(lines[heading.line + 1 : end], link_names(lines))):
            return text
    return ""
