"""Benchmarks: `pytest -m benchmark` runs them all and ends with one table of what they found.

The same is kept as JSON in the tests' data folder; with `--keep-results` docs/benchmarks.md is written anew,
and the tables of docs/scaling.md where the costs were measured.
"""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.benchmarks import scaling_page
from tests.benchmarks.goals import Goals
from tests.benchmarks.order import in_order
from tests.benchmarks.results import DOCS, gathered, keep


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What matters most first: a run that is broken off keeps what it has."""
    in_order(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not (results := gathered(terminalreporter)):
        return
    terminalreporter.section("benchmarks")
    for line in results.as_table():
        terminalreporter.write_line(line)
    (settings.DATA_DIR / "benchmarks.json").write_text(results.as_json())
    if config.option.keep_results:
        keep(results, DOCS)
        scaling_page.keep(results.lines)


@pytest.fixture
def goals(request: pytest.FixtureRequest) -> Goals:
    """Where a benchmark notes what it measured."""
    goals = Goals()
    # The lists are filled while the test runs, and read when its report is made.
    request.node.user_properties += [("goals", goals.lines), ("curves", goals.curves)]
    return goals
