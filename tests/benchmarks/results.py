"""A run's results: gathered at its end, shown as a table, kept as JSON and as a page with charts."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import os
import platform
import subprocess
import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from sessions_app import embedded
from tests.benchmarks.chart import bars, line_charts
from tests.benchmarks.goals import Curve, Line
from tests.benchmarks.unmeasured import unmeasured
from tests.columns import in_columns
from tests.running import ROOT

DOCS = ROOT / "docs"
WHOLE, PART = "All that one run of", "**Only a part** of what"
COLUMNS = ("topic", "what", "figure", "limit", "verdict")

PAGE = """# Benchmarks

{extent} `.venv/bin/pytest -m benchmark --keep-results` measures, which writes this page, its charts
and [benchmarks.json](benchmarks.json). It ran on {day}, for {minutes:.0f} minutes, on
{machine}.
{missing}
Figures of time and rate hold for that machine and its quiet only. What carries over are the ratios: each was
measured beside a floor or a peer in the same run. A goal is a limit that was set before; one that was missed
is told as such and fails nothing. How to measure is told in [contributing](contributing.md#how-to-measure),
what the costs mean for many people in [scaling](scaling.md).

{pictures}
{tables}
"""


@dataclass
class Results:
    """All that the benchmarks of one run found."""

    day: str
    machine: str
    lines: list[Line]
    curves: list[Curve]
    # How long all of it took.
    seconds: float
    # What has no figures here, and why.
    unmeasured: list[str]

    def as_json(self) -> str:
        told = asdict(self)
        told["lines"] = [line._asdict() | {"verdict": line.verdict} for line in self.lines]
        told["curves"] = [curve._asdict() for curve in self.curves]
        return json.dumps(told, indent=1) + "\n"

    def as_table(self) -> list[str]:
        """The lines of the table for a terminal."""
        return in_columns([COLUMNS, *map(_cells, self.lines)])

    def charts(self) -> dict[str, tuple[str, str]]:
        """Of what there is to draw: what it shows, and the picture, by the name of its file."""
        found = {}
        if any(line.limit is not None for line in self.lines):
            found["benchmarks"] = ("How much of each limit is used up", bars(self.lines))
        if self.curves:
            found["benchmark-curves"] = ("How costs grow", line_charts(self.curves))
        return found

    def as_page(self) -> str:
        """The page, in Markdown."""
        pictures = "\n".join(f"![{told}](img/{name}.svg)\n" for name, (told, _) in self.charts().items())
        topics = list(dict.fromkeys(line.topic for line in self.lines))
        tables = "\n".join(_section(topic, self.lines) for topic in topics)
        told = f"**Not measured**: {', '.join(self.unmeasured)}."
        return PAGE.format(
            extent=PART if self.unmeasured else WHOLE,
            day=self.day,
            minutes=self.seconds / 60,
            machine=self.machine,
            missing=f"\n{textwrap.fill(told, 118, break_on_hyphens=False)}\n" if self.unmeasured else "",
            pictures=pictures,
            tables=tables.rstrip(),
        )


def gathered(reporter: pytest.TerminalReporter) -> Results | None:
    """What the benchmarks that went well noted; None where none did."""
    told = [dict(report.user_properties) for report in reporter.stats.get("passed", [])]
    lines = [Line(*line) for each in told for line in each.get("goals", ())]
    curves = [Curve(*curve) for each in told for curve in each.get("curves", ())]
    if not lines and not curves:
        return None
    today = dt.datetime.now(dt.UTC).date()
    # Stable: within a topic in the order in which they were noted.
    lines.sort(key=lambda line: line.topic)
    reports = [each for some in reporter.stats.values() for each in some]
    seconds = sum(getattr(each, "duration", 0.0) for each in reports)
    return Results(f"{today:%-d %B %Y}", machine(), lines, curves, seconds, unmeasured(reporter.stats))


def keep(results: Results, folder: Path) -> None:
    """Write the page and its charts into a folder of documents, beside the JSON."""
    (folder / "img").mkdir(exist_ok=True)
    (folder / "benchmarks.json").write_text(results.as_json())
    (folder / "benchmarks.md").write_text(results.as_page())
    for name, (_, picture) in results.charts().items():
        (folder / "img" / f"{name}.svg").write_text(picture)


def machine() -> str:
    """What the run ran on, in words."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    postgres = subprocess.run(
        [embedded.find_program("postgres"), "--version"], capture_output=True, text=True, check=True
    )
    servers = " and ".join(f"{name} {importlib.metadata.version(name)}" for name in ("daphne", "uvicorn"))
    return (
        f"{os.cpu_count()} processor cores with {gib:.0f} GiB, {platform.system()},"
        f" Python {platform.python_version()}, PostgreSQL {postgres.stdout.split()[2]}, {servers}"
    )


def _section(topic: str, lines: Iterable[Line]) -> str:
    rows = [_cells(line)[1:] for line in lines if line.topic == topic]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in (COLUMNS[1:], ("---",) * 4, *rows))
    return f"## {topic[0].upper()}{topic[1:]}\n\n{table}"


def _cells(line: Line) -> tuple[str, ...]:
    return line.topic, line.what, line.told, line.told_limit, line.verdict
