"""Shapes: in proportion, inside the plot, readable."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.charts import Bar, columns, falling, round_ticks, shares
from sessions_app.insights.stability import End, Life, stability

DAY = dt.timedelta(days=1)


def number(text: str) -> float:
    return float(text.removesuffix("%"))


def test_columns_stand_on_the_axis_in_proportion() -> None:
    chart = columns([Bar((4, 0), "a"), Bar((1, 1), "b", before=8)], ("a", "b"), plot=80)
    first, second = chart.stacks
    assert [(part.tone, part.y, part.height) for part in first.parts] == [("a", "60.0", "40.0")]
    assert [(part.tone, part.y, part.height) for part in second.parts] == [
        ("a", "90.0", "10.0"),
        ("b", "80.0", "10.0"),
    ]
    assert (chart.base, second.ghost.y, second.ghost.height) == ("100.0", "20.0", "80.0")
    assert (first.room_x, first.room_width, second.room_x) == ("0.000%", "50.000%", "50.000%")


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=40))
def test_nothing_sticks_out(values: list[tuple[int, int]]) -> None:
    chart = columns([Bar(pair, "") for pair in values], ("a", "b"), plot=100)
    for stack, pair in zip(chart.stacks, values, strict=True):
        assert len(stack.parts) == sum(value > 0 for value in pair)
        # What is next to nothing is drawn two pixels high.
        assert all(number(part.y) >= number(chart.plot_top) - 2 for part in stack.parts)
        assert number(stack.x) + number(stack.width) <= 100


@given(st.integers(0, 10**6))
def test_ticks_are_few_and_within(top: int) -> None:
    ticks = round_ticks(top, [1, 2, 5, 10, 20, 50, 100, 1_000])
    assert len(ticks) <= 3
    assert all(0 < tick <= top for tick in ticks)
    assert bool(ticks) == (top > 0)


def test_shares_fill_the_bar() -> None:
    parts = shares((3, 0, 1), ("a", "b", "c"))
    assert [(part.tone, part.x, part.width) for part in parts] == [
        ("a", "0.000%", "75.000%"),
        ("c", "75.000%", "25.000%"),
    ]
    assert shares((0, 0), ("a", "b")) == ()


def test_the_curve_falls_where_decisions_are_taken_back() -> None:
    found = stability([Life(5 * DAY, End.REOPENED), Life(10 * DAY, End.STANDS)])
    assert found.curve == ((5 * DAY, 0.5),)
    chart = falling(found.curve, found.seen_for, plot=100)
    assert chart.line == "M0 20.0V20.0H50V70.0H100"
    assert chart.area == "M0 20.0V20.0H50V70.0H100V120.0H0Z"
    assert (chart.half_y, chart.end_y, chart.base) == ("70.0", "70.0", "120.0")


def test_a_curve_of_thousands_is_drawn_in_few_stairs() -> None:
    lives = [Life(n * dt.timedelta(minutes=1), End.REOPENED) for n in range(1, 5_001)]
    found = stability(lives)
    assert len(found.curve) == 5_000
    chart = falling(found.curve, found.seen_for, plot=100)
    assert chart.line.count("H") <= 202
    assert chart.end_y == chart.base
    assert falling((), dt.timedelta(), plot=100).end_y == "20.0"
