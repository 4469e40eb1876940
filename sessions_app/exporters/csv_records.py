"""CSV records (RFC 4180, UTF-8), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator

Cell = str | dt.date | int | float | None

CONTENT_TYPE = "text/csv; charset=utf-8; header=present"

# A spreadsheet takes a cell that begins so for a formula, and may send what is in other cells away by it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def lines(records: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """A line for each record, its values whole and in plain digits, "" for None.

    A cell that a spreadsheet would take for a formula is made text.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    for cells in records:
        writer.writerow([_harmless(_exact(cell)) for cell in cells])
        yield written.getvalue()
        written.seek(0)
        written.truncate()


def _exact(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.6f}".rstrip("0").rstrip(".")
    return str(cell)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
