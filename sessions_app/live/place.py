"""What a page shows: which database, and which version of project and membership."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

# As pages write that they show it: a thousand of them say so after each push.
_SAID = re.compile(r'\{"since": ?"([^"\\]+)"\}', re.ASCII)
_SINCE = re.compile(r"([0-9a-f]{1,32}):([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)
# Of so many a place is read once: they are at few.
_REMEMBERED = 256


class Version(NamedTuple):
    """`412.7`: the project's version and the membership's; the greater one is the newer."""

    project: int
    member: int

    def __str__(self) -> str:
        return f"{self.project}.{self.member}"


class Place(NamedTuple):
    """`<epoch>:<version>`, as pages and sockets say it."""

    epoch: str
    version: Version


@functools.lru_cache(_REMEMBERED)
def place_said(text: str) -> Place | None:
    """The place in a page's message, if it is written as pages of ours do; else None."""
    found = _SAID.fullmatch(text)
    return parse_place(found[1]) if found else None


@functools.lru_cache(_REMEMBERED)
def parse_place(text: str) -> Place:
    """Read `<epoch>:<project>.<member>`. Raises ValueError for anything else."""
    found = _SINCE.fullmatch(text)
    if not found:
        raise ValueError("must be <epoch>:<version>, as the page says it")
    return Place(found[1], Version(int(found[2]), int(found[3])))
