"""What a person says themselves in a message: without what they quote, and without code."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"\s*(?:```|~~~)")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|;\s+")


def own_lines(text: str) -> Iterator[str]:
    """The lines that are the writer's own words, without bullets and space around them."""
    in_code = False
    for line in text.splitlines():
        if _FENCE.match(line):
            in_code = not in_code
        elif not in_code and line.strip() and not line.lstrip().startswith(">"):
            yield _BULLET.sub("", line, count=1).strip()


def sentences(line: str) -> list[str]:
    """A line's sentences, each with the mark it ends with."""
    return [part.strip() for part in _SENTENCE_END.split(line) if part.strip()]
