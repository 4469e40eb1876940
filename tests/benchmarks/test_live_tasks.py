"""What a push costs the browser: the longest task on the page of a project of 5,000 items."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests import running
from tests.benchmarks.goals import Goals
from tests.e2e.launch import CHROMIUM, FLAGS

ITEMS = 5_000
PUSHES = 8
MOST_MS = 50
# As a slow telephone's processor is to this one.
SLOWER = 4

WATCH = """
window.tasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.tasks.push(task.duration);
}).observe({type: "longtask"});
"""


@pytest.mark.benchmark
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium found: install Debian's, or set CHROMIUM")
def test_no_push_holds_the_page_up(open_folder: Path, goals: Goals) -> None:
    """Messages and items by turns, said by the same person's program, on a page nobody touches."""
    data_dir = open_folder / "data"
    people = ("ann@example.org", "Ann", "correct horse battery")
    with running.serving(data_dir) as base, sync_playwright() as playwright:
        ann = running.first_owner(base, Path(f"{data_dir}.log"), *people)
        source = running.work_log(open_folder / "items.jsonl", ITEMS)
        arguments = ("--project", "Large", "--owner", people[0], "--json")
        report = running.manage(data_dir, "import_project", str(source), *arguments)
        path = f"/projects/{json.loads(report.stdout)['project']}/"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.context.add_cookies(
            [{"name": name, "value": value, "url": base} for name, value in ann.cookies.items()]
        )
        page.goto(f"{base}{path}")
        page.wait_for_selector("#link[data-state=live]", state="attached")
        page.evaluate(WATCH)
        what = f"longest task of {PUSHES} pushes, {ITEMS:,} items"
        goals.at_most("live", what, _longest(page, ann, path, "as it is"), MOST_MS, "ms")
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        slower = f"{what}, a processor {SLOWER} x slower"
        goals.figure("live", slower, _longest(page, ann, path, "slowed down"), "ms")
        browser.close()


def _longest(page: Page, ann: running.Browser, path: str, mark: str) -> float:
    """The longest task while so much is pushed; tasks under 50 ms are not told, and count as none."""
    page.evaluate("window.tasks = []")
    for number in range(PUSHES):
        text = f"{mark}, number {number}"
        door, form = ("messages/", {"text": text}) if number % 2 else ("items/", {"title": text})
        assert ann.post(f"{path}{door}", form)[0] == 302
        page.wait_for_function("text => document.body.textContent.includes(text)", arg=text)
        page.wait_for_timeout(300)
    return max(page.evaluate("window.tasks"), default=0)
