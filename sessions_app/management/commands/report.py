"""Report on a project's period, for people who do not sign in."""

from __future__ import annotations

import json
import zoneinfo
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.core.management.base import BaseCommand, CommandError

from sessions_app import clock
from sessions_app.db.rls import acting_as_admin, acting_as_system
from sessions_app.exporters import report_csv, report_html, report_markdown
from sessions_app.exporters.report_rows import Report
from sessions_app.insights import periods
from sessions_app.insights.periods import BadPeriod, Period
from sessions_app.management import database
from sessions_app.models import Project
from sessions_app.panels.report import report

_DOCUMENTS: dict[str, Callable[[Report], str]] = {
    "markdown": report_markdown.document,
    "html": report_html.document,
    "csv": report_csv.document,
}


class Command(BaseCommand):
    help = (
        "Report on a project's period: what was decided, why and by whom, what was reopened, which questions "
        "and blockers are open now, and the figures of the insights page with what they mean. It changes "
        "nothing, and the server may be running. Exit code 1: no such project or period, or the file cannot "
        "be written; one that is there stays as it is then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="TITLE|ID", help="which project")
        parser.add_argument("--days", default="", help="the last 7, 30, 90 or 365 days; 30 when left out")
        parser.add_argument("--from", default="", dest="first", metavar="DATE", help="first day: 2026-10-01")
        parser.add_argument(
            "--to", default="", dest="last", metavar="DATE", help="last day; today by default"
        )
        parser.add_argument(
            "--time-zone", default="UTC", metavar="ZONE", help="whose days: Europe/Stockholm; UTC by default"
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="write there (over what is there), not to the terminal",
        )
        kinds = parser.add_mutually_exclusive_group()
        kinds.add_argument(
            "--format", choices=list(_DOCUMENTS), default="markdown", help="markdown by default"
        )
        kinds.add_argument("--json", action="store_true", help="for programs: the same as JSON")

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Find the project, read, write.

        Raises CommandError (exit code 1) for a project that is not there or not the only one of its title,
        for a period or a time zone that is none, for a database that is not of this release, and for a file
        that cannot be written.
        """
        period = _period(options)
        database.require_ready()
        project = _project(options["project"])
        with acting_as_system([project.id]):
            made = report(project, period)
        text = (
            json.dumps(asdict(made), ensure_ascii=False, indent=2) + "\n"
            if options["json"]
            else _DOCUMENTS[options["format"]](made)
        )
        if options["output"] is None:
            self.stdout.write(text, ending="")
        else:
            _write(options["output"], text)
            self.stderr.write(f"Written to {options['output']}.")


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


def _project(named: str) -> Project:
    """The project of this id, or the only one of this title."""
    with acting_as_admin():
        try:
            found = list(Project.objects.filter(id=UUID(named)))
        except ValueError:
            # PostgreSQL cannot hold a NUL, so no title has one.
            found = list(Project.objects.filter(title=named)) if "\x00" not in named else []
    if not found:
        raise CommandError(f"No project is called “{named}”, nor is it the id of one.")
    if len(found) > 1:
        ids = ", ".join(sorted(str(project.id) for project in found))
        raise CommandError(f"{len(found)} projects are called “{named}”: name one by its id ({ids}).")
    return found[0]


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
