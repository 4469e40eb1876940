"""Tables of figures: one for page, file and program, which word the same cells each in their way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Literal

from sessions_app.insights.durations import measured, took

Kind = Literal["text", "day", "count", "number", "seconds", "took", "share"]
Cell = str | dt.date | int | float | None


@dataclass(frozen=True)
class Column:
    """A column: what it is called in a file, on a page, and what kind of cells it has."""

    key: str
    title: str
    kind: Kind = "count"


@dataclass(frozen=True)
class Table:
    """Rows of cells, one a column; None is a cell without a value. `name` is its file's.

    `keys` are the ids of what each row is of, where a page leads there. `note` says what it leaves out.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: tuple[str, ...] = ()
    note: str = ""

    @property
    def worded(self) -> list[tuple[str, str, list[str]]]:
        """The rows as a page shows them, each with its key or "", its first cell, and the others."""
        rows = []
        for key, row in zip(self.keys or repeat(""), self.rows, strict=False):
            first, *others = (
                worded(cell, column.kind) for column, cell in zip(self.columns, row, strict=True)
            )
            rows.append((key, first, others))
        return rows

    @property
    def records(self) -> Iterator[tuple[Cell, ...]]:
        """The keys of the columns, then the rows, for a file."""
        yield tuple(column.key for column in self.columns)
        yield from self.rows


def worded(cell: Cell, kind: Kind) -> str:
    """A cell in words: "17 min", "Tue 24 Nov 2026", "38 %"; "–" without a value."""
    if cell is None:
        return "–"
    if isinstance(cell, dt.date):
        return f"{cell:%a} {cell.day} {cell:%b} {cell.year}"
    if isinstance(cell, str):
        return cell
    match kind:
        case "seconds":
            return measured(cell)
        case "took":
            return took(cell)
        case "share":
            return percent(cell)
        case "number":
            return plain(cell)
        case _:
            return f"{cell:,}"


def percent(share: float) -> str:
    """ "38 %" of a share from 0 to 1."""
    return f"{round(share * 100)} %"


def plain(number: float) -> str:
    """A number with one digit behind the point where it needs one: "3", "2.4"."""
    rounded = f"{number:,.1f}"
    return rounded.removesuffix(".0")
