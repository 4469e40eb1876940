"""Figures against the arithmetic of others."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights import figures
from sessions_app.insights.figures import Scale, Spread, histogram, percentile, spread

NUMBERS = st.lists(st.integers(0, 10**7), min_size=1, max_size=60)
SCALES = (figures.LENGTHS, figures.LAGS, figures.GAPS, figures.WAITS, figures.ITEMS, figures.VISITS)


@given(NUMBERS)
def test_the_spread_is_what_the_standard_library_finds(numbers: list[int]) -> None:
    found = spread(numbers)
    assert found is not None
    assert found.n == len(numbers)
    assert found.median == pytest.approx(statistics.median(numbers))
    assert found.mean == pytest.approx(statistics.fmean(numbers))
    if len(numbers) > 1:
        # "inclusive" is the straight line of percentile_cont.
        assert found.p95 == pytest.approx(statistics.quantiles(numbers, n=20, method="inclusive")[-1])


def test_of_nothing_there_is_no_figure() -> None:
    assert spread([]) is None
    assert [one.times for one in histogram([], figures.ITEMS)] == [0] * 7
    assert not any(one.holds_median for one in histogram([], figures.ITEMS))


def test_one_number_is_all_its_figures() -> None:
    assert spread([7]) == Spread(1, 7, 7, 7)
    assert percentile([7], 0.95) == 7


@given(NUMBERS, st.sampled_from(SCALES))
def test_every_number_is_in_one_class_and_the_median_in_its_own(numbers: list[int], scale: Scale) -> None:
    found = histogram(numbers, scale)
    ends = [*scale.edges[1:], float("inf")]
    # The first class also takes what lies below its edge.
    counted = [
        sum(1 for number in numbers if (place == 0 or number >= edge) and number < end)
        for place, (edge, end) in enumerate(zip(scale.edges, ends, strict=True))
    ]
    assert [one.times for one in found] == counted
    assert sum(counted) == len(numbers)
    median = statistics.median(numbers)
    (middle,) = [place for place, one in enumerate(found) if one.holds_median]
    assert middle == 0 or scale.edges[middle] <= median
    assert median < ends[middle]


@pytest.mark.parametrize("scale", SCALES)
def test_a_scale_rises_and_names_each_class(scale: Scale) -> None:
    assert list(scale.edges) == sorted(set(scale.edges))
    assert len(scale.edges) == len(set(scale.labels)) == len(scale.labels)
