"""A report as one CSV table: figures and entries under the same columns, told apart by `part`."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_app.exporters.csv_records import Cell, lines
from sessions_app.exporters.report_rows import Figure, Report


def document(report: Report) -> str:
    """The whole report; no cell is taken for a formula."""
    return "".join(lines(_records(report)))


_COLUMNS = (
    *("part", "what", "why", "who", "at", "source_at"),
    *("unit", "n", "median", "p95", "mean", "median_before"),
)


def _records(report: Report) -> Iterator[tuple[Cell, ...]]:
    yield _COLUMNS
    for figure in report.figures:
        yield _figure(figure)
    for part in report.parts:
        for entry in part.entries:
            said = (entry.what, entry.why, entry.who, entry.at, entry.source_at)
            yield (part.name, *said, *("",) * 6)


def _figure(figure: Figure) -> tuple[Cell, ...]:
    numbers = (figure.median, figure.p95, figure.mean, figure.median_before)
    empty = ("",) * 4
    return ("figure", figure.name, *empty, figure.unit, figure.n, *(number.value for number in numbers))
