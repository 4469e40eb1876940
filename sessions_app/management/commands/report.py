"""Report on a project's period, for people who do not sign in."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import CommandError, CommandParser

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.exporters import report_csv, report_html, report_markdown, report_rows
from sessions_app.insights import periods
from sessions_app.insights.periods import BadPeriod, Period
from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.panels.report import report

_DOCUMENTS: dict[str, Callable[[report_rows.Report], str]] = {
    "markdown": report_markdown.document,
    "html": report_html.document,
    "csv": report_csv.document,
}


class Command(TeachingCommand):
    help = (
        "Report on a project's period: what was decided, why and by whom, what was reopened, which questions "
        "and blockers are open now, and the figures of the insights page with what they mean. It changes "
        "nothing, and the server may be running. A file is written whole or not at all, over what is there."
    )
    examples = (
        "--project 'Platform'",
        "--project 'Platform' --days 7 --format html --output /srv/reports/platform.html",
        "--project 3f0c1a52-8d1c-4a55-9a4b-0c1f6f0f1a11 --from 2026-10-01 --to 2026-10-31 --json",
    )
    has_dry_run = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, metavar="ID or TITLE", help="which project")
        parser.add_argument("--days", default="", help="the last 7, 30, 90 or 365 days; 30 when left out")
        parser.add_argument("--from", default="", dest="first", metavar="DATE", help="first day: 2026-10-01")
        parser.add_argument(
            "--to", default="", dest="last", metavar="DATE", help="last day; today by default"
        )
        parser.add_argument(
            "--time-zone", default="UTC", metavar="ZONE", help="whose days: Europe/Stockholm; UTC by default"
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="write there, not to the terminal")
        parser.add_argument("--format", choices=list(_DOCUMENTS), help="markdown by default")

    def run(self, options: dict[str, Any]) -> Report:
        """Find the project, read, write.

        Raises CommandError or Invalid for a project that is not there or not the only one of its title, for a
        period or a time zone that is none, and for a file that cannot be written.
        """
        output: Path | None = options["output"]
        if options["json"] and options["format"] and output is None:
            raise CommandError(
                "--json is printed instead of --format: leave one out, or name an --output.", returncode=2
            )
        period = _period(options)
        project = named.project(options["project"])
        with acting_as_system([project.id]):
            made = report(project, period)
        text = _DOCUMENTS[options["format"] or "markdown"](made)
        if output is None:
            return Report(asdict(made), [text])
        _write(output, text)
        return Report(asdict(made), [f"Written to {output}."])


def _period(options: dict[str, Any]) -> Period:
    try:
        zone = zoneinfo.ZoneInfo(options["time_zone"])
    except (KeyError, ValueError, OSError) as bad:
        raise CommandError("--time-zone must be a name of a time zone, like Europe/Stockholm.") from bad
    try:
        return periods.choose(
            clock.now(), zone, days=options["days"], first=options["first"], last=options["last"]
        )
    except BadPeriod as bad:
        raise CommandError(f"--{bad.field} {bad.rule}") from bad


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all. Raises CommandError where it cannot be written."""
    half = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        half.write_text(text, encoding="utf-8", newline="")
        half.replace(path)
    except (OSError, ValueError) as bad:
        raise CommandError(f"{path} cannot be written: {getattr(bad, 'strerror', None) or bad}.") from bad
    finally:
        half.unlink(missing_ok=True)
