"""CSV records (RFC 4180, UTF-8), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

CONTENT_TYPE = "text/csv; charset=utf-8; header=present"

# A spreadsheet takes a cell that begins so for a formula, and may send what is in other cells away by it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def lines(records: Iterable[Iterable[str]]) -> Iterator[str]:
    """A line for each record; a cell that a spreadsheet would take for a formula is made text."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    for cells in records:
        writer.writerow([_harmless(cell) for cell in cells])
        yield written.getvalue()
        written.seek(0)
        written.truncate()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
