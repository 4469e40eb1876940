"""The decision log as files, read a batch at a time while they are sent."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from sessions_app.db import queries
from sessions_app.db.replica import Reading
from sessions_app.exporters import csv_records, madr
from sessions_app.exporters.decisions_csv import csv_lines
from sessions_app.exporters.rows import DecisionRow
from sessions_app.exporters.zipped import zip_pieces
from sessions_app.panels import decisions
from sessions_app.panels.decisions import Asked
from sessions_app.streamed import Streamed, attachment

_BATCH_ROWS = 200


def as_csv(project_id: UUID, reading: Reading, asked: Asked) -> Streamed:
    """The log as one table."""

    def lines() -> Iterator[str]:
        rows = _rows(project_id, reading, asked)
        yield from csv_lines(rows, _numbers(project_id, reading))

    response = Streamed(lines(), content_type=csv_records.CONTENT_TYPE)
    return attachment(response, "decisions.csv")


def as_madr(project_id: UUID, reading: Reading) -> Streamed:
    """A MADR file for each decided item, in a ZIP; also where another decision took its place."""

    def pieces() -> Iterator[bytes]:
        numbers = _numbers(project_id, reading)
        yield from zip_pieces(
            (madr.file_name(numbers[row.item_id], row.title), row.decided_at, [madr.record(row, numbers)])
            for row in _latest(_rows(project_id, reading, Asked(history=True)))
            # Not what was decided only since the numbers were given.
            if row.fate in ("stands", "superseded") and row.item_id in numbers
        )

    return attachment(Streamed(pieces(), content_type="application/zip"), "decisions.zip")


def etag(project_id: UUID, asked: Asked) -> str:
    """What stays the same while such a file does."""
    (stamp,) = queries.rows("decisions_stamp", {"project": project_id})
    return f'"{hashlib.sha256(repr((stamp, asked)).encode()).hexdigest()[:32]}"'


def _latest(rows: Iterator[DecisionRow]) -> Iterator[DecisionRow]:
    """The first row of each item: its latest decision, where the newest come first."""
    seen = set()
    for row in rows:
        if row.item_id not in seen:
            seen.add(row.item_id)
            yield row


def _numbers(project_id: UUID, reading: Reading) -> dict[UUID, int]:
    numbers = reading(functools.partial(decisions.numbers, project_id))
    _give_back()
    return numbers


def _rows(project_id: UUID, reading: Reading, asked: Asked) -> Iterator[DecisionRow]:
    after = None
    while True:
        # A transaction for each batch: whoever reads slowly keeps none open, and whose right is gone by
        # then gets no more.
        batch = reading(
            functools.partial(decisions.read, project_id, asked, after=after, most=_BATCH_ROWS, is_whole=True)
        )
        _give_back()
        yield from batch
        if len(batch) < _BATCH_ROWS:
            return
        after = (batch[-1].version, batch[-1].activity_id)


def _give_back() -> None:
    """Let others have the connection while the batch is on its way."""
    if not connection.in_atomic_block:
        connection.close()
