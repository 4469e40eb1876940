"""Plain text as Markdown that reads the same: whatever it says, it is no markup."""

from __future__ import annotations

import re

# What may begin emphasis, code, a link, a tag, an entity, a heading, a table, a quotation.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
# What may begin a list or underline a heading, at the start of a line.
_LINE_START = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")


def line(text: str) -> str:
    """One line of plain text."""
    return _line(" ".join(text.split()))


def paragraphs(text: str) -> str:
    """Plain text of several lines; blank ones part paragraphs, as everywhere in the product."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # Four spaces at the start would make it code.
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_line(each.strip()) for each in lines)).strip()


def _line(text: str) -> str:
    marked = _MARKUP.sub(r"\\\1", text)
    return _LINE_START.sub(lambda found: _stopped(found[1]), marked)


def _stopped(start: str) -> str:
    # "1." is a list, "1\." is not; the number itself cannot be escaped.
    return f"{start}\\" if start.isdigit() else f"\\{start}"
