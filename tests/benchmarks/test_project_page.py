"""How the project page's time grows with the project."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import pytest

from tests import running
from tests.benchmarks.goals import Goals

SIZES = (10, 5_000)
LOADS = 40


@pytest.mark.benchmark
def test_first_byte_of_the_project_page(open_folder: Path, goals: Goals) -> None:
    """Ten items and 5,000, in turn, on one server in one run."""
    data_dir = open_folder / "data"
    people = ("ann@example.org", "Ann", "correct horse battery")
    with running.serving(data_dir) as base:
        ann = running.first_owner(base, Path(f"{data_dir}.log"), *people)
        pages = {}
        for size in SIZES:
            source = running.work_log(open_folder / f"{size}.jsonl", size)
            arguments = ("--project", f"{size} items", "--owner", people[0], "--json")
            report = running.manage(data_dir, "import_project", str(source), *arguments)
            pages[size] = f"/projects/{json.loads(report.stdout)['project']}/"
            for _ in range(5):
                assert ann.get(pages[size])[0] == 200
        times = {size: [] for size in SIZES}
        for _ in range(LOADS):
            for size in SIZES:
                times[size].append(ann.get(pages[size])[2])
    medians = {size: statistics.median(values) * 1000 for size, values in times.items()}
    for size, median in medians.items():
        goals.figure("project page", f"first byte, {size:,} items", median, "ms")
    goals.figure("project page", "5,000 items to 10", medians[SIZES[-1]] / medians[SIZES[0]], "x")
