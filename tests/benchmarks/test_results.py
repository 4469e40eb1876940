"""A run's figures become a table, a page and charts."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

from tests.benchmarks.goals import Curve, Goals, Line
from tests.benchmarks.results import PART, Results, keep
from tests.benchmarks.unmeasured import unmeasured


def test_figures_are_kept_as_a_page_with_charts(tmp_path: Path) -> None:
    goals = Goals()
    goals.at_most("live", "POST to DOM, p95 & all", 300, 300, "ms")
    goals.at_least("summary", "to the peer", 0.5, 1, "x")
    goals.figure("summary", "a floor", 12_345.6, "a second")
    goals.curve("summary", "one summary", {100: 2.0, 10: 1.0}, "items", "ms")
    lines, curves = [Line(*line) for line in goals.lines], [Curve(*curve) for curve in goals.curves]
    results = Results("2 March 2026", "1 processor core", lines, curves, 600, [])
    keep(results, tmp_path)
    assert [line.split()[-1] for line in results.as_table()] == ["verdict", "met", "missed", "second"]
    assert "| to the peer | 0.5 x | >= 1 x | missed |" in (tmp_path / "benchmarks.md").read_text()
    told = json.loads((tmp_path / "benchmarks.json").read_text())
    assert told["curves"][0]["points"] == [[10, 1], [100, 2]]
    for name in ("benchmarks", "benchmark-curves"):
        ElementTree.parse(tmp_path / "img" / f"{name}.svg")  # noqa: S314 -- our own


def test_what_was_not_measured_is_named() -> None:
    """A part does not pass for the whole, and what failed does not vanish."""
    costs = "test_costs.py::test_what_one_of_each_costs"
    folded = "test_digestion.py::test_what_waits_is_folded"

    def report(name: str) -> SimpleNamespace:
        return SimpleNamespace(nodeid=f"tests/benchmarks/{name}")

    stats = {
        "passed": [report(costs), report(f"{folded}[1]"), report("test_capacity.py::test_the_page")],
        "failed": [report(f"{folded}[1000]"), SimpleNamespace(nodeid="tests/api/test_items.py::test_all")],
        "skipped": [report("test_live_latency.py::test_live")],
    }
    told = unmeasured(stats)
    assert f"{folded}[1000] (failed)" in told
    assert "test_live_latency.py::test_live (skipped)" in told
    assert "growth/test_cost_curves.py::test_costs_as_a_project_grows (not run)" in told
    assert not [each for each in told if costs in each or f"{folded}[1] " in each or "capacity" in each]
    assert not [each for each in told if "items" in each]
    page = Results("2 March 2026", "1 processor core", [], [], 600, told).as_page()
    assert page.split("\n\n")[1].startswith(PART)
    assert page.split("\n\n")[2].startswith("**Not measured**: growth/")
