"""Quantiles of which only classes were counted lie where the numbers may have been."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.classes import quantile

LIMITS = (1.0, 2.0, 5.0)


def test_within_a_class_numbers_are_spread_evenly() -> None:
    assert quantile(0.5, (0, 10, 0, 0), LIMITS, most=2.0) == 1.5
    assert quantile(0.95, (90, 10, 0, 0), LIMITS, most=2.0) == 1.5
    # Nothing was longer than the longest, and above the last limit it is the end.
    assert quantile(0.95, (0, 10, 0, 0), LIMITS, most=1.2) == 1.2
    assert quantile(1.0, (0, 0, 0, 2), LIMITS, most=60.0) == 60.0
    assert quantile(0.5, (), LIMITS, most=0.0) is None
    assert quantile(0.5, (0, 0, 0, 0), LIMITS, most=0.0) is None


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_is_in_the_class_of_the_true_one(numbers: list[float], share: float) -> None:
    edges = [0.0, *LIMITS, 1e9]
    classes = [
        sum(lower < number <= upper or (lower == 0 and number == 0) for number in numbers)
        for lower, upper in pairwise(edges)
    ]
    found = quantile(share, classes, LIMITS, most=max(numbers))
    true = sorted(numbers)[max(0, -(-int(share * 100) * len(numbers) // 100) - 1)]
    place = next(n for n, upper in enumerate(edges[1:]) if true <= upper)
    assert found == pytest.approx(min(max(found or 0.0, edges[place]), edges[place + 1]))
    assert (found or 0.0) <= max(numbers)
