"""The page of the capacity plan says what follows from the results that are kept."""

from __future__ import annotations

from tests.benchmarks.capacity import SIZES, costs_kept, plan
from tests.benchmarks.scaling_page import costs_table, kept, plan_table, work_told


def test_the_page_tells_the_plan_of_the_kept_results() -> None:
    """Otherwise: `python -m tests.benchmarks.scaling_page`."""
    costs = costs_kept()
    assert kept("costs") == costs_table(costs)
    table = plan_table(plan(people, costs) for people in SIZES)
    assert kept("plan") == f"{table}\n{work_told(costs)}"
