"""A report as one CSV table: figures and entries under the same columns, told apart by `part`."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_app.exporters.csv_records import lines
from sessions_app.exporters.report_rows import Figure, Number, Report


def document(report: Report) -> str:
    """The whole report; no cell is taken for a formula."""
    return "".join(lines(_records(report)))


_COLUMNS = ("part", "what", "why", "who", "at", "unit", "n", "median", "p95", "mean", "median_before")


def _records(report: Report) -> Iterator[tuple[str, ...]]:
    yield _COLUMNS
    for figure in report.figures:
        yield _figure(figure)
    for part in report.parts:
        for entry in part.entries:
            yield (part.name, entry.what, entry.why, entry.who, entry.at, *("",) * 6)


def _figure(figure: Figure) -> tuple[str, ...]:
    numbers = (figure.median, figure.p95, figure.mean, figure.median_before)
    empty = ("", "", "")
    return ("figure", figure.name, *empty, figure.unit, str(figure.n), *map(_exact, numbers))


def _exact(number: Number) -> str:
    return "" if number.value is None else f"{number.value:.6f}".rstrip("0").rstrip(".")
