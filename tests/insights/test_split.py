import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.split import Split, split_decided

versions = st.integers(0, 30)
maybe = st.none() | versions


def test_the_worked_example():
    """Items A and B decided at 10; C at 11 in the last session, D at 13 away, A again at 15."""
    latest = {"A": 15, "B": 10, "C": 11, "D": 13}
    split = split_decided(latest.values(), base=10, last_end=12, current_start=14)
    assert split == Split(total=3, last_session=1, away=1, this_session=1)


def test_without_an_ended_session_all_decided_items_count():
    split = split_decided([1, 2, 5], base=None, last_end=None, current_start=3)
    assert split == Split(total=3, last_session=0, away=2, this_session=1)


def test_without_an_ended_session_there_is_no_last_one_whatever_its_end():
    assert split_decided([1], base=None, last_end=2, current_start=3) == Split(1, 0, 1, 0)


def test_without_any_session_all_is_away():
    assert split_decided([1, 2], base=None, last_end=None, current_start=None) == Split(2, 0, 2, 0)


def test_without_an_active_session_away_runs_to_now():
    assert split_decided([11, 13, 99], base=10, last_end=12, current_start=None) == Split(3, 1, 2, 0)


def test_nothing_decided_is_all_zeros():
    assert split_decided([], base=10, last_end=12, current_start=14) == Split(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (10, Split(0, 0, 0, 0)),
        (11, Split(1, 1, 0, 0)),
        (12, Split(1, 1, 0, 0)),
        (13, Split(1, 0, 1, 0)),
        (14, Split(1, 0, 1, 0)),
        (15, Split(1, 0, 0, 1)),
    ],
)
def test_a_decision_at_the_end_of_a_span_belongs_to_it(version, expected):
    assert split_decided([version], base=10, last_end=12, current_start=14) == expected


@given(st.lists(versions), maybe, maybe, maybe)
def test_the_parts_add_up_and_are_never_negative(decided, base, last_end, current_start):
    split = split_decided(decided, base, last_end, current_start)
    parts = (split.last_session, split.away, split.this_session)
    assert sum(parts) == split.total == sum(base is None or v > base for v in decided)
    assert min(parts) >= 0


@given(st.lists(versions, min_size=3, max_size=3).map(sorted), st.lists(versions))
def test_each_span_holds_its_own_range(bounds, decided):
    base, last_end, current_start = bounds
    split = split_decided(decided, base, last_end, current_start)
    assert split.last_session == sum(base < v <= last_end for v in decided)
    assert split.away == sum(last_end < v <= current_start for v in decided)
    assert split.this_session == sum(current_start < v for v in decided)
