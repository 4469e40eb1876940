"""Cells in words, and as a file is given them."""

from __future__ import annotations

import datetime as dt

import pytest

from sessions_app.insights.durations import measured
from sessions_app.insights.tables import Column, Table, worded

TUESDAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (259.6, "4 min 20 s"),
        (599.9, "10 min"),
        (1_020, "17 min"),
        (3_599, "1 h"),
        (3_900, "1 h 5 min"),
        (36_000, "10 h"),
        (50_000, "14 h"),
        (172_799, "2.0 days"),
        (86_400 * 2.4, "2.4 days"),
        (86_400 * 9.96, "10 days"),
        (86_400 * 1_234, "1,234 days"),
    ],
)
def test_what_is_measured_has_two_units_at_most(seconds: float, words: str) -> None:
    assert measured(seconds) == words


def test_cells() -> None:
    table = Table(
        "t",
        "T",
        (Column("day", "Day", "day"), Column("open", "Open", "seconds"), Column("active", "Active", "share")),
        ((TUESDAY, 1_020, 0.375), (TUESDAY, 0, None)),
    )
    assert [[first, *others] for _key, first, others in table.worded] == [
        ["Tue 24 Nov 2026", "17 min", "38 %"],
        ["Tue 24 Nov 2026", "0 s", "–"],
    ]
    assert list(table.records) == [
        ("day", "open", "active"),
        (TUESDAY, 1_020, 0.375),
        (TUESDAY, 0, None),
    ]


def test_numbers_in_words() -> None:
    assert [worded(n, "number") for n in (3.0, 2.44, 1_234.5)] == ["3", "2.4", "1,234.5"]
