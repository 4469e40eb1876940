"""In which order benchmarks run: a run that is broken off by ctrl-c keeps the results it has."""

from __future__ import annotations

import pytest

# By the names of their files: first what has goals, the cheap before the dear; then what has only figures.
ORDER = (
    "test_summary_api",
    "test_track_activity",
    "test_project_page",
    "test_panel_partial",
    "test_marking",
    "test_digestion",
    "test_live_latency",
    "test_live_tasks",
    "test_browser",
    "test_recompute_analytics",
    "test_costs",
    "test_by_month",
    "test_socket_curves",
    "test_cost_curves",
    "test_hot_queries",
    "test_operations_page",
    "test_insights_page",
    "test_rollups",
    "test_admin_lists",
)


def in_order(items: list[pytest.Item]) -> None:
    """Put the benchmarks among the items in their order, in the places that they have together.

    One that has no place in the order comes last.
    """
    places = [number for number, item in enumerate(items) if item.get_closest_marker("benchmark")]
    benchmarks = sorted((items[number] for number in places), key=_place)
    for number, item in zip(places, benchmarks, strict=True):
        items[number] = item


def _place(item: pytest.Item) -> int:
    return ORDER.index(item.path.stem) if item.path.stem in ORDER else len(ORDER)
