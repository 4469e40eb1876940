"""The table at a run's end: what was found, and what broke off, was skipped or did not run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

from tests.columns import in_columns
from tests.faults.cases import CASES
from tests.faults.verdicts import BROKEN, Verdict

FOLDER = Path(__file__).resolve().parent
SIZES = ("quick", "faults")
# By these options a run is of some tests, or of none.
CHOICES = ("keyword", "deselect", "ignore", "ignore_glob", "lf", "collectonly")
SKIPPED, NOT_RUN = "skipped", "not run"


def table_of(reporter: pytest.TerminalReporter, config: pytest.Config) -> list[Verdict]:
    """The lines of all that ran; once every case was asked for also of those that have none."""
    reports = [
        report
        for outcome in ("passed", "failed", "error", "skipped")
        for report in reporter.stats.get(outcome, [])
        if "tests/faults" in report.nodeid
    ]
    found = [verdict for report in reports for verdict in rows_of(report)]
    return [*found, *not_run(found)] if is_whole(config) else found


def rows_of(report: pytest.TestReport) -> list[Verdict]:
    """The lines of one test's report; a test that broke off or was skipped has one as well."""
    told = dict(report.user_properties)
    # What follows a test's call carries its verdicts again.
    found = [Verdict(*row) for row in told.get("verdicts", ())] if report.when != "teardown" else []
    case, name = str(told.get("case", "?")), report.nodeid.rpartition("::")[2]
    if report.skipped:
        *_, reason = report.longrepr
        found.append(Verdict(case, name, f"skipped: {reason.removeprefix('Skipped: ')}", "", SKIPPED))
    elif report.failed and not any(verdict.verdict == BROKEN for verdict in found):
        found.append(Verdict(case, name, "broke off", "", BROKEN))
    return found


def not_run(found: Collection[Verdict]) -> list[Verdict]:
    """A line for each case that has none."""
    told = {verdict.case for verdict in found}
    return [Verdict(case, about, "", "", NOT_RUN) for case, about in CASES.items() if case not in told]


def is_whole(config: pytest.Config) -> bool:
    """Whether all cases were asked for in one size: no file was named, and none was chosen or left out."""
    is_of_one_size = config.option.markexpr in SIZES
    is_some = any(config.getoption(choice, None) for choice in CHOICES)
    asked = [(config.invocation_params.dir / name).resolve() for name in config.args]
    return is_of_one_size and not is_some and any(FOLDER.is_relative_to(path) for path in asked)


def as_table(verdicts: Iterable[Verdict]) -> list[str]:
    """The lines of the table, cases in order."""
    return in_columns([Verdict._fields, *sorted(verdicts, key=lambda verdict: verdict.case)])
