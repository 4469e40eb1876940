"""The decision log as CSV."""

from __future__ import annotations

import csv
import io

import pytest

from sessions_app.exporters.decisions_csv import csv_lines
from sessions_app.exporters.rows import Named
from tests.exporters.making import NUMBERS, TWO, WHEN, decision


def read(*rows: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(csv_lines(rows, NUMBERS)), newline="")))


def test_what_is_written_is_read_back() -> None:
    row = decision(
        title='A "quoted", title',
        reason="Two\nlines, and a ;",
        alternatives=("Barn", "Church, the old one"),
        supersedes=(Named(TWO, "Rent a tent"),),
        contested_at=WHEN,
        contested_by="Bob",
        contest_reason="Too dear",
        text="Ünï 東京 🎉",
    )
    (found,) = read(row)
    assert found["number"] == "1"
    assert found["title"] == 'A "quoted", title'
    assert found["reason"] == "Two\nlines, and a ;"
    assert found["alternatives"] == "Barn; Church, the old one"
    assert found["supersedes"] == "2 Rent a tent"
    assert found["decided_at"] == "2026-03-02T09:30:00+00:00"
    assert (found["contested_by"], found["contest_reason"]) == ("Bob", "Too dear")
    assert found["text"] == "Ünï 東京 🎉"


def test_records_end_as_the_standard_has_it() -> None:
    pieces = list(csv_lines([decision(), decision()], NUMBERS))
    assert len(pieces) == 3
    assert all(piece.endswith("\r\n") for piece in pieces)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    evil = f"{start}HYPERLINK(1)"
    (found,) = read(
        decision(
            evil, reason=evil, outcome=evil, text=evil, quote=evil, decided_by=(evil,), alternatives=(evil,)
        )
    )
    for column in ("title", "reason", "outcome", "text", "quote", "decided_by", "alternatives"):
        assert found[column] == f"'{evil}", column
