"""The little of Markdown a reader needs: headings, sections, paragraphs, and a line without its markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")

# [text](address), ![text](address) and [text][name]; an address may hold one pair of brackets.
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\])")
_BRACKETS = re.compile(r"\[([^\[\]]+)\]")
_REFERENCE = re.compile(r" {0,3}\[([^\[\]]+)\]:")
_ADDRESS = re.compile(r"<(https?://[^<>\s]+)>")
_STRUCK = re.compile(r"~~[^~]*~~")
# Emphasis ends near where it starts; without a bound a long line of stars would take minutes.
_EMPHASIS = re.compile(r"(?<!\w)([*_]{1,3})(?=\S)([^\n]{1,300}?)(?<=\S)\1(?!\w)")

# "\*" is a star and no markup: meanwhile it is a character of no script, which no pattern knows.
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_APART = 0xF_0000
_SET_APART = re.compile("[\U000f0021-\U000f007e]")

_EMOJI_NAME = re.compile(r":[a-z][a-z0-9_+-]*:")
# What joins or colours emoji: joiner, selectors, keycap.
_EMOJI_PARTS = {"\u200d", "\ufe0e", "\ufe0f", "\u20e3"}
_SKIN_TONES = range(0x1F3FB, 0x1F400)


@dataclass(frozen=True)
class Heading:
    """A heading: the number of its line, its depth (1 is the title's), its words without markup."""

    line: int
    depth: int
    words: str


def headings(lines: list[str]) -> list[Heading]:
    """All `#` headings outside of code fences, in order."""
    found, fence = [], ""
    for number, line in enumerate(lines):
        if opening := _FENCE.match(line):
            if not fence:
                fence = opening[1]
            elif opening[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif not fence and (match := _HEADING.match(line)):
            words = re.sub(r"(?:^|[ \t])#+[ \t]*$", "", (match[2] or "").rstrip())
            found.append(Heading(number, len(match[1]), plain(words)))
    return found


def section_end(heading: Heading, found: list[Heading], lines: list[str]) -> int:
    """The line after the section of `heading`: the next heading as high as it, or the end."""
    ends = (other.line for other in found if other.line > heading.line and other.depth <= heading.depth)
    return next(ends, len(lines))


def link_names(lines: list[str]) -> frozenset[str]:
    """The names that lines like `[name]: address` make into links, in lower case."""
    return frozenset(match[1].lower() for line in lines if (match := _REFERENCE.match(line)))


def first_paragraph(lines: list[str], links: frozenset[str]) -> str:
    """The first paragraph, plain; with what its colon announces, and a list to its end.

    Args:
        lines: a section without its heading.
        links: the `link_names` of the whole file.

    Returns:
        One line per paragraph or list item; empty if there is nothing but headings and comments.
    """
    parts: list[str] = []
    for block in _blocks(lines):
        announced = len(parts) == 1 and parts[0].endswith(":")
        goes_on = parts and _LIST_ITEM.match(parts[-1]) and _LIST_ITEM.match(block)
        if parts and not announced and not goes_on:
            break
        parts.append(block)
    return _unlinked("\n".join(parts), links)


def _blocks(lines: list[str]) -> Iterator[str]:
    """Blocks between blank lines and headings, unwrapped: one line per paragraph or list item."""
    block: list[list[str]] = []
    code = False
    for line in [*without_comments("\n".join(lines)).split("\n"), ""]:
        if _FENCE.match(line):
            code = not code
        elif line.strip() and not _HEADING.match(line):
            if block and not code and not _LIST_ITEM.match(line):
                block[-1].append(line.strip())
            else:
                block.append([line.strip()])
        elif block:
            yield "\n".join(plain(" ".join(one)) for one in block)
            block = []


def _unlinked(text: str, links: frozenset[str]) -> str:
    """`text` without the brackets around the names in `links`."""
    return _BRACKETS.sub(lambda match: match[1] if match[1].lower() in links else match[0], text)


def without_comments(text: str) -> str:
    """`text` without `<!-- … -->`. By hand: a pattern would search to the end from every opening."""
    kept, place = [], 0
    while (start := text.find("<!--", place)) >= 0:
        kept.append(text[place:start])
        end = text.find("-->", start)
        if end < 0:
            return "".join(kept)
        place = end + len("-->")
    return "".join(kept) + text[place:]


def plain(text: str) -> str:
    """A line without links, emphasis and struck words: what a reader would say aloud."""
    text = _ESCAPED.sub(lambda found: chr(_APART + ord(found[1])), text)
    text = _STRUCK.sub("", without_comments(text))
    text = _ADDRESS.sub(r"\1", _LINK.sub(r"\1", text))
    text = _EMPHASIS.sub(r"\2", text).strip()
    return _SET_APART.sub(lambda found: chr(ord(found[0]) - _APART), text)


def without_emoji(text: str) -> str:
    """`text` without pictures, be they characters (✅) or names (:tada:), and single-spaced."""
    text = _EMOJI_NAME.sub(" ", text)
    return " ".join("".join(" " if _is_picture(char) else char for char in text).split())


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) == "So" or char in _EMOJI_PARTS or ord(char) in _SKIN_TONES
