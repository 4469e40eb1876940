"""The decision log as CSV (RFC 4180, UTF-8), safe to open in a spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from uuid import UUID

from sessions_app.exporters.csv_records import lines
from sessions_app.exporters.rows import DecisionRow, Named


def csv_lines(rows: Iterable[DecisionRow], numbers: Mapping[UUID, int]) -> Iterator[str]:
    """The head line, then a record for each row. `numbers`: of each item that was ever decided."""
    return lines(chain([_COLUMNS], (_cells(row, numbers) for row in rows)))


_COLUMNS = (
    *("number", "title", "fate", "decided_at", "decided_by", "by", "outcome", "reason", "alternatives"),
    *("supersedes", "superseded_by", "review_at", "contested_at", "contested_by", "contest_reason"),
    *("quote", "text", "ended_at", "item_id"),
)


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


def _moment(when: dt.datetime | None) -> str:
    return when.astimezone(dt.UTC).isoformat(timespec="seconds") if when else ""
