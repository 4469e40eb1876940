"""Say what is wrong with an installation, why it matters, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from sessions_app.management.doctor import GROUPS, Finding, Level, examine
from sessions_app.management.teaching import Report, TeachingCommand


class Command(TeachingCommand):
    help = (
        "Look the installation over: settings, database, roles, row security, triggers, unique indexes, "
        "migrations, stored counts, jobs, intake, disk, clock, Redis. Each finding says what is so, why it "
        "matters and the fix. It changes nothing and may run while the server is up. Warnings do not fail "
        "it, problems do."
    )
    examples = ("", "--only roles policies", "--json")
    has_dry_run = False
    # Whatever is wrong with it is what it tells.
    needs_database = False
    # It runs Django's own checks too, and tells of them in its own way.
    requires_system_checks = ()

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="GROUP", help=", ".join(GROUPS)
        )

    def run(self, options: dict[str, Any]) -> Report:
        """Look at all of it, whatever is found on the way."""
        found = list(examine(options["only"]))
        numbers = {level: sum(finding.level is level for _, finding in found) for level in Level}
        in_words = f"{numbers[Level.PROBLEM]} problems, {numbers[Level.WARNING]} warnings."
        return Report(
            {
                "problems": numbers[Level.PROBLEM],
                "warnings": numbers[Level.WARNING],
                "findings": [{"group": group, **asdict(finding)} for group, finding in found],
            },
            [line for group, finding in found for line in self._lines(group, finding)]
            + ([] if numbers[Level.PROBLEM] else [in_words]),
            failed=in_words if numbers[Level.PROBLEM] else "",
        )

    def _lines(self, group: str, finding: Finding) -> list[str]:
        styles = {
            Level.OK: self.style.SUCCESS,
            Level.WARNING: self.style.WARNING,
            Level.PROBLEM: self.style.ERROR,
        }
        lines = [f"{styles[finding.level](f'{finding.level.value:<8}')} {group:<9} {finding.what}"]
        if finding.level is not Level.OK:
            lines += [f"{'':<18} why: {finding.why}", f"{'':<18} fix: {finding.fix}"]
        return lines
