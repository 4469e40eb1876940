"""The decision log as CSV (RFC 4180, UTF-8), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from sessions_app.exporters.rows import DecisionRow, Named

# A spreadsheet takes a cell that begins so for a formula, and may send what is in other cells away by it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(rows: Iterable[DecisionRow], numbers: Mapping[UUID, int]) -> Iterator[str]:
    """The head line, then a record for each row. `numbers`: of each item that was ever decided."""
    writer = _Writer()
    yield writer.record(_COLUMNS)
    for row in rows:
        yield writer.record([_harmless(cell) for cell in _cells(row, numbers)])


_COLUMNS = (
    *("number", "title", "fate", "decided_at", "decided_by", "by", "outcome", "reason", "alternatives"),
    *("supersedes", "superseded_by", "review_at", "contested_at", "contested_by", "contest_reason"),
    *("quote", "text", "ended_at", "item_id"),
)


class _Writer:
    """Python's CSV writer, which gives each record back instead of keeping it."""

    def __init__(self) -> None:
        self._written = io.StringIO()
        self._writer = csv.writer(self._written, lineterminator="\r\n")

    def record(self, cells: Iterable[str]) -> str:
        self._writer.writerow(cells)
        record = self._written.getvalue()
        self._written.seek(0)
        self._written.truncate()
        return record


def _cells(row: DecisionRow, numbers: Mapping[UUID, int]) -> tuple[str, ...]:
    def spoken(one: Named) -> str:
        return f"{numbers.get(one.id, '')} {one.title}".strip()

    return (
        str(numbers.get(row.item_id, "")),
        row.title,
        row.fate,
        _moment(row.decided_at),
        "; ".join(row.decided_by),
        row.by,
        row.outcome,
        row.reason,
        "; ".join(row.alternatives),
        "; ".join(map(spoken, row.supersedes)),
        spoken(row.superseded_by) if row.superseded_by else "",
        _moment(row.review_at),
        _moment(row.contested_at),
        row.contested_by,
        row.contest_reason,
        row.quote,
        row.text,
        _moment(row.ended_at),
        str(row.item_id),
    )


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _moment(when: dt.datetime | None) -> str:
    return when.astimezone(dt.UTC).isoformat(timespec="seconds") if when else ""
