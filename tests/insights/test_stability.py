"""How well decisions hold, against figures worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from sessions_app.insights.stability import End, Life, stability


def days(number: float) -> dt.timedelta:
    return dt.timedelta(days=number)


def lives(*seen: tuple[float, End]) -> list[Life]:
    return [Life(days(number), end) for number, end in seen]


R, P, S, L = End.REOPENED, End.SUPERSEDED, End.STANDS, End.LEFT


def test_no_decision_has_no_figures() -> None:
    found = stability([])
    assert (found.decisions, found.taken_back_share, found.half_life) == (0, 0.0, None)
    assert (found.still_standing, found.seen_for) == (1.0, days(0))


def test_all_stand() -> None:
    found = stability(lives((3, S), (90, S)))
    assert (found.half_life, found.still_standing, found.seen_for) == (None, 1.0, days(90))
    assert (found.reopened, found.superseded, found.taken_back_share) == (0, 0, 0.0)


def test_without_young_ones_it_is_the_plain_median() -> None:
    """1 * 3/4 * 2/3 = 1/2 at the second of four: the first moment at which at most a half stands."""
    assert stability(lives((1, R), (2, R), (3, P), (4, R))).half_life == days(2)


def test_young_ones_count_for_as_long_as_they_stood() -> None:
    """Six decisions: reopened at 2, 10; superseded at 8; still young at 3, 5, 20 days.

    1 * 5/6 (2 d) * 2/3 (8 d, three are left) * 1/2 (10 d, two are left) = 0.278. It is 0.556 from the 8th
    day, 0.278 from the 10th. The plain median of all six durations would say 6.5 days.
    """
    found = stability(lives((2, R), (3, S), (5, S), (8, P), (10, R), (20, S)))
    assert found.half_life == days(10)
    assert found.still_standing == pytest.approx(5 / 18)
    assert (found.decisions, found.reopened, found.superseded) == (6, 2, 1)
    assert found.taken_back_share == 0.5
    assert found.seen_for == days(20)


def test_a_curve_of_many_falls_is_told_in_few() -> None:
    """Of those that lie close the last, which all before it led to; few are told as they are."""
    found = stability(lives(*[(number, R) for number in range(1, 101)]))
    told = found.curve_in(10)
    assert [life for life, _ in told] == [days(number) for number in range(10, 101, 10)]
    assert [share for _, share in told] == pytest.approx([(10 - part) / 10 for part in range(1, 11)])
    assert found.curve_in(100) is found.curve


def test_a_curve_that_falls_to_the_very_end_is_told_in_no_more() -> None:
    """A thirteenth of its length, in whole microseconds, is a little less than that."""
    found = stability(lives(*[(number, R) for number in range(1, 101)]))
    told = found.curve_in(13)
    assert len(told) == 13
    assert told[-1] == found.curve[-1]


def test_not_reached_says_what_still_stands() -> None:
    """1 * 4/5 (1 d) * 2/3 (7 d, three are left) = 0.533, seen for 30 days."""
    found = stability(lives((1, R), (4, L), (7, R), (30, S), (30, S)))
    assert found.half_life is None
    assert found.still_standing == pytest.approx(8 / 15)
    assert found.seen_for == days(30)


def test_at_one_moment_those_taken_back_go_before_those_seen_no_longer() -> None:
    """Both count as observed on that day: 1 * 1/2, not 1 * 0."""
    found = stability(lives((5, R), (5, S)))
    assert (found.half_life, found.still_standing) == (days(5), 0.5)


def test_a_half_is_a_half_in_spite_of_rounding() -> None:
    """1 * 9/10 * 8/9 * … * 5/6 = 1/2 exactly, on paper."""
    assert stability(lives(*[(number, R) for number in range(1, 11)])).half_life == days(5)


def test_the_textbook_example() -> None:
    """Remission with 6-MP (Freireich et al. 1963), the usual example of the estimate: median 23 weeks."""
    relapsed, censored = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = stability(lives(*[(week, R) for week in relapsed], *[(week, S) for week in censored]))
    assert found.half_life == days(23)
    assert found.still_standing == pytest.approx(0.4482, abs=0.0001)
