"""What is kept of one person, as a ZIP: each table as JSON for programs and as CSV for spreadsheets."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sessions_app.exporters.csv_records import lines
from sessions_app.exporters.zipped import zip_pieces

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One table of a person's data; `rows` reads it anew at each call, a part at a time."""

    name: str
    # What it holds, in a sentence.
    what: str
    columns: tuple[str, ...]
    rows: Callable[[], Iterable[Row]]


def own_data_zip(tables: Iterable[Table], whose: str, now: dt.datetime) -> Iterator[bytes]:
    """The pieces of the ZIP: a table of contents, then two files a table. `whose`: the person, in a line."""
    listed = list(tables)
    files = ((name, now, texts) for table in listed for name, texts in _files(table))
    return zip_pieces(chain([("README.txt", now, _contents(listed, whose, now))], files))


def _files(table: Table) -> Iterator[tuple[str, Iterator[str]]]:
    yield f"{table.name}.json", _json(table)
    yield f"{table.name}.csv", _csv(table)


def _contents(tables: Iterable[Table], whose: str, now: dt.datetime) -> Iterator[str]:
    yield f"What Leftoff keeps of {whose}, as of {now.isoformat(timespec='seconds')}.\n\n"
    yield "Each table is there twice: .json for programs, .csv for spreadsheets. Times are UTC.\n"
    yield "Passwords and other secrets are kept hashed or sealed and are not in here.\n\n"
    for table in tables:
        yield f"{table.name}: {table.what}\n"


def _json(table: Table) -> Iterator[str]:
    between = "[\n"
    for row in table.rows():
        yield between + json.dumps(dict(row), ensure_ascii=False, default=_plain)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _csv(table: Table) -> Iterator[str]:
    records = ([_cell(row[column]) for column in table.columns] for row in table.rows())
    return lines(chain([table.columns], records))


def _cell(value: object) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return "" if value is None else _plain(value)


def _plain(value: object) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else str(value)
