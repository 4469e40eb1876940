"""Records of a CSV file: values whole, and no formulas."""

from __future__ import annotations

import datetime as dt

from sessions_app.exporters.csv_records import lines


def test_values_are_whole_and_in_plain_digits() -> None:
    cells = ("a, b", dt.date(2026, 11, 24), 10, 3.0, 2 / 3, 100.0, 0.0, None)
    assert list(lines([cells])) == ['"a, b",2026-11-24,10,3,0.666667,100,0,\r\n']


def test_no_cell_is_a_formula() -> None:
    assert list(lines([["=1+1", "@a", "a=1"]])) == ["'=1+1,'@a,a=1\r\n"]
