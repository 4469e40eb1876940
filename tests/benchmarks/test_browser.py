"""How the project page feels on a slow phone with a slow line, and what its first load weighs."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import running
from tests.benchmarks.goals import Goals
from tests.e2e.launch import CHROMIUM, FLAGS
from tests.e2e.loading import PHONE, blocking, first_load, vitals

SIZES = (10, 5_000)
LOADS = 5


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.benchmark
@pytest.mark.timeout(600)
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium found: install Debian's, or set CHROMIUM")
def test_first_load_of_the_project_page(open_folder: Path, chromium: Browser, goals: Goals) -> None:
    """Ten items and 5,000, in turn; medians, as other work on the machine slows single loads."""
    data_dir = open_folder / "data"
    people = ("ann@example.org", "Ann", "correct horse battery")
    with running.serving(data_dir) as base:
        ann = running.first_owner(base, Path(f"{data_dir}.log"), *people)
        context = chromium.new_context(base_url=base, viewport=PHONE, is_mobile=True, device_scale_factor=2)
        context.add_cookies(
            [{"name": name, "value": value, "url": base} for name, value in ann.cookies.items()]
        )
        pages = {}
        for size in SIZES:
            source = running.work_log(open_folder / f"{size}.jsonl", size)
            arguments = ("--project", f"{size} items", "--owner", people[0], "--json")
            report = running.manage(data_dir, "import_project", str(source), *arguments)
            pages[size] = f"/projects/{json.loads(report.stdout)['project']}/"
        for size, path in pages.items():
            page = context.new_page()
            kilobytes = sum(first_load(page, path).values()) / 1000
            scripts = [address for address in blocking(page) if ".css" not in address]
            page.close()
            goals.at_most("browser", f"first load, {size:,} items", kilobytes, 100, "KB")
            goals.at_most(
                "browser", f"scripts that block the first paint, {size:,} items", len(scripts), 0, ""
            )
        found = {size: [] for size in SIZES}
        for _ in range(LOADS):
            for size, path in pages.items():
                page = context.new_page()
                found[size].append(vitals(page, path))
                page.close()
    for size, loads in found.items():
        lcp, cls, tbt = (
            statistics.median(getattr(load, name) for load in loads) for name in ("lcp", "cls", "tbt")
        )
        goals.at_most("browser", f"largest paint on a slow phone, {size:,} items", lcp, 2_500, "ms")
        goals.at_most("browser", f"layout shift, {size:,} items", cls, 0.1, "")
        goals.at_most("browser", f"blocked time on a slow phone, {size:,} items", tbt, 200, "ms")
