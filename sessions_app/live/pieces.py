"""A panel in its pieces: what a page was sent before, and is as it was, is sent as a stub.

A piece is a row of a panel (an item's card, a message, a line of what changed) or a form. A stub is an empty
one of that tag and id, marked `data-same`: the page leaves in place, or moves, the element it has by that id.
Scripts find it by its id, and nothing in it: js/moving.js puts it where one moved it oneself, js/leaving.js
hides it.
Everything else of the panel is always sent, so what is new, gone, or stands elsewhere needs no words of its
own. The panel says as of which version the page has the pieces (`data-since`); a page whose panel is newer
asks for everything (static/js/pieces.js).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

# What people write has no such characters where it is drawn. What is in a template is no element of the page.
_OPENING = re.compile(r'<template\b.*?</template>|<(article|li|form)\b[^>]*? id="([^"]+)"[^>]*>', re.S)
_TAGS = {name: re.compile(rf"<(/?){name}\b") for name in ("article", "li", "form")}
# The page itself has these go on: js/times.js.
_TICKING = re.compile(r"(<time [^>]*data-(?:ago|until)[^>]*>)[^<]*")
_ROOT = re.compile(r"\s*<[a-z]+")
_MARK_BYTES = 12


@dataclass(frozen=True)
class Piece:
    """An element with an id; two of one mark show the same."""

    html: str
    tag: str
    id: str

    @cached_property
    def mark(self) -> bytes:
        shown = _TICKING.sub(r"\1", self.html)
        return hashlib.blake2b(shown.encode(), digest_size=_MARK_BYTES).digest()

    @cached_property
    def stub(self) -> str:
        return f'<{self.tag} id="{self.id}" data-same></{self.tag}>'


class Drawing:
    """A drawn panel."""

    def __init__(self, html: str) -> None:
        self.html = html
        self._parts = tuple(_parts(html))

    @cached_property
    def marks(self) -> frozenset[bytes]:
        """What its pieces show."""
        return frozenset(part.mark for part in self._parts if isinstance(part, Piece))

    def for_who_has(self, marks: frozenset[bytes], since: object) -> str:
        """What to send to a page that has pieces of these marks as of version `since`."""
        if marks.isdisjoint(self.marks):
            return self.html
        sent = "".join(
            part if isinstance(part, str) else part.stub if part.mark in marks else part.html
            for part in self._parts
        )
        return _ROOT.sub(rf'\g<0> data-since="{since}"', sent, count=1)


def _parts(html: str) -> Iterator[str | Piece]:
    """Pieces, and what is between them. One in another belongs to that."""
    done = at = 0
    while opening := _OPENING.search(html, at):
        at = opening.end()
        if tag := opening[1]:
            at = _end(html, tag, at)
            between = html[done : opening.start()]
            # However much of it is there means the same.
            yield " " if between.isspace() else between
            yield Piece(html[opening.start() : at], tag, opening[2])
            done = at
    yield html[done:]


def _end(html: str, tag: str, at: int) -> int:
    """Where the element ends whose opening tag ends at `at`."""
    depth = 1
    for found in _TAGS[tag].finditer(html, at):
        depth += -1 if found[1] else 1
        if not depth:
            return html.index(">", found.end()) + 1
    raise ValueError(f"a <{tag}> that does not end")
