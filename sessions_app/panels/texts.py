"""HTML that is drawn once for many readers, with holes where it is one reader's own.

A hole has a name and is filled with what is given by it, such as the version that a page shows or a form's
token; or it is a choice of two texts (the tag `personal`): each reader gets the one that is true of them.
"""

from __future__ import annotations

import bisect
import itertools
import re
import secrets
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

# What begins every mark of a hole, made anew in each process: nobody can write one into a text of theirs.
_MARK = f"hole-{secrets.token_hex(8)}-"


def hole(name: str) -> str:
    """The mark of a hole that is filled by its name."""
    return f"{_MARK}{name};"


# Where the version is put in that a page shows, and a form's token, another in each browser.
VERSION, TOKEN = hole("version"), hole("token")
# Where a text stands that was drawn before, by its place among those that are given with it.
_TEXT = f"{_MARK}text:"
# What parts the two texts of a choice, and what ends it.
ELSE, END = f"{_MARK}else;", f"{_MARK}end;"
_MARKS = re.compile(rf"({_MARK}[^;]+;)")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whose eyes a text is."""

    id: UUID
    # The project's version at the end of their last session; None: they had none.
    since: int | None


@dataclass(frozen=True)
class Condition:
    """What a choice asks. `mine`: is it the reader's own? `news`: did another do it since they were here?
    `first`: is it the first such in this text?"""

    asks: str
    by: UUID | None
    version: int = 0
    # Of `first`: what comes before this one is on another page.
    is_cut: bool = False

    @property
    def mark(self) -> str:
        """What stands in the HTML where the choice begins."""
        return f"{_MARK}{self.asks}:{self.by or ''}:{self.version}:{'cut' if self.is_cut else ''};"

    @classmethod
    def of_mark(cls, mark: str) -> Condition:
        asks, by, version, cut = mark.removeprefix(_MARK).removesuffix(";").split(":")
        return cls(asks, UUID(by) if by else None, int(version), bool(cut))


class Choosing:
    """Makes the choices of one text for one reader, in their order."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._is_past_first = False

    def choose(self, text: Text) -> tuple[bool, ...]:
        """What is true of the reader, choice by choice, where this text comes next."""
        return tuple([self.holds(condition) for condition in text.conditions])

    def holds(self, condition: Condition) -> bool:
        """Whether it is true of the reader."""
        is_own = condition.by == self.reader.id
        if condition.asks == "mine":
            return is_own
        is_since = self.reader.since is not None and condition.version > self.reader.since
        if condition.asks == "news" or not is_since:
            return is_since and not is_own
        # Where all on a page is new and there is more before, the place of the first is further up.
        is_first = not (self._is_past_first or is_own or condition.is_cut)
        self._is_past_first |= is_first or condition.is_cut
        return is_first


@dataclass(frozen=True)
class _Choice:
    condition: Condition
    yes: tuple[str, ...]
    no: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Text:
    """HTML in pieces: what is the same for all, the marks of named holes, and choices."""

    pieces: tuple[str | _Choice, ...]

    @classmethod
    def parse(cls, html: str, texts: Sequence[Text] = ()) -> Text:
        """HTML with marks in it. `texts` are those that `put` left marks of.

        Raises ValueError where a choice holds another, or one of `texts`, which may hold one.
        """
        return cls(tuple(_pieces(iter(filter(None, _MARKS.split(html))), texts)))

    def put(self, texts: list[Text]) -> str:
        """Put it among the texts that go into another, and return the mark of where."""
        texts.append(self)
        return f"{_TEXT}{len(texts) - 1};"

    def choose(self, reader: Reader) -> tuple[bool, ...]:
        """What is true of this reader, choice by choice: of whom the same is true, they see the same."""
        key = self.alike(reader)
        if key not in self._chosen:
            self._chosen[key] = Choosing(reader).choose(self)
        return self._chosen[key]

    def alike(self, reader: Reader) -> Hashable:
        """Of readers for whom this is the same, the same is true.

        Of all those whom no choice asks about it is when the same was new since they were here.
        """
        old = None if reader.since is None else bisect.bisect_right(self._versions, reader.since)
        return reader.id if reader.id in self._asked_about else None, old

    def fill(self, chosen: tuple[bool, ...], **named: object) -> str:
        """The HTML for whoever `chosen` is true of; every hole is `named`.

        What is named and has no hole is not looked at: a token is made only where a form is.
        """
        choices = iter(chosen)
        pieces = itertools.chain.from_iterable(
            (piece,) if isinstance(piece, str) else piece.yes if next(choices) else piece.no
            for piece in self.pieces
        )
        put = {hole(name): value for name, value in named.items()}
        return "".join([str(put[piece]) if piece in put else piece for piece in pieces])

    def stamped(self, stamps: Mapping[str, str]) -> Text:
        """The same with other words in place of these."""

        def stamp(piece: str) -> str:
            for old, new in stamps.items():
                piece = piece.replace(old, new)
            return piece

        return Text(
            tuple(
                stamp(piece)
                if isinstance(piece, str)
                else replace(piece, yes=tuple(map(stamp, piece.yes)), no=tuple(map(stamp, piece.no)))
                for piece in self.pieces
            )
        )

    def told(self) -> list[Any]:
        """The same in plain values, for another process: there the marks are others."""
        return [_told(piece) for piece in self.pieces]

    @classmethod
    def of_told(cls, told: Iterable[Any]) -> Text:
        """The text of what `told` gave."""
        return cls(tuple(map(_heard, told)))

    @cached_property
    def size(self) -> int:
        """How many characters it has."""
        return sum(
            len(piece) if isinstance(piece, str) else sum(map(len, piece.yes + piece.no))
            for piece in self.pieces
        )

    @cached_property
    def conditions(self) -> list[Condition]:
        """What its choices ask, in their order."""
        return [piece.condition for piece in self.pieces if isinstance(piece, _Choice)]

    @cached_property
    def _asked_about(self) -> frozenset[UUID | None]:
        return frozenset(condition.by for condition in self.conditions)

    @cached_property
    def _versions(self) -> list[int]:
        return sorted({condition.version for condition in self.conditions})

    @cached_property
    def _chosen(self) -> dict[Hashable, tuple[bool, ...]]:
        return {}


def _pieces(parts: Iterator[str], texts: Sequence[Text]) -> Iterator[str | _Choice]:
    for part in parts:
        if part.startswith(_TEXT):
            yield from texts[int(part[len(_TEXT) : -1])].pieces
        elif not _begins_choice(part):
            yield part
        else:
            yes, no = _until(parts)
            yield _Choice(Condition.of_mark(part), yes, no)


def _until(parts: Iterator[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two texts of a choice, whose mark was just read."""
    yes = tuple(itertools.takewhile(lambda part: part != ELSE, parts))
    no = tuple(itertools.takewhile(lambda part: part != END, parts))
    # Else its mark would be shown to whoever it is chosen for.
    if any(part.startswith(_TEXT) or _begins_choice(part) for part in yes + no):
        raise ValueError("a choice of two texts (personal) holds neither a row nor another choice")
    return yes, no


def _begins_choice(part: str) -> bool:
    return part.startswith(_MARK) and ":" in part


def _told(piece: str | _Choice) -> Any:  # noqa: ANN401 -- a JSON value
    if isinstance(piece, _Choice):
        asks = piece.condition
        condition = [asks.asks, str(asks.by) if asks.by else None, asks.version, asks.is_cut]
        return [condition, list(map(_told, piece.yes)), list(map(_told, piece.no))]
    is_hole = piece.startswith(_MARK)
    return {"hole": piece.removeprefix(_MARK).removesuffix(";")} if is_hole else piece


def _heard(told: Any) -> Any:  # noqa: ANN401 -- a JSON value
    if isinstance(told, list):
        (asks, by, version, is_cut), yes, no = told
        condition = Condition(asks, UUID(by) if by else None, version, is_cut)
        return _Choice(condition, tuple(map(_heard, yes)), tuple(map(_heard, no)))
    return told if isinstance(told, str) else hole(told["hole"])
