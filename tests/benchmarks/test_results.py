"""A run's figures become a table, a page and charts."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from tests.benchmarks.goals import Curve, Goals, Line
from tests.benchmarks.results import Results, keep


def test_figures_are_kept_as_a_page_with_charts(tmp_path: Path) -> None:
    goals = Goals()
    goals.at_most("live", "POST to DOM, p95 & all", 300, 300, "ms")
    goals.at_least("summary", "to the peer", 0.5, 1, "x")
    goals.figure("summary", "a floor", 12_345.6, "a second")
    goals.curve("summary", "one summary", {100: 2.0, 10: 1.0}, "items", "ms")
    lines, curves = [Line(*line) for line in goals.lines], [Curve(*curve) for curve in goals.curves]
    results = Results("2 March 2026", "1 processor core", lines, curves)
    keep(results, tmp_path)
    assert [line.split()[-1] for line in results.as_table()] == ["verdict", "met", "missed", "second"]
    assert "| to the peer | 0.5 x | >= 1 x | missed |" in (tmp_path / "benchmarks.md").read_text()
    told = json.loads((tmp_path / "benchmarks.json").read_text())
    assert told["curves"][0]["points"] == [[10, 1], [100, 2]]
    for name in ("benchmarks", "benchmark-curves"):
        ElementTree.parse(tmp_path / "img" / f"{name}.svg")  # noqa: S314 -- our own
