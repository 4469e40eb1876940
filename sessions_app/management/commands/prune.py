"""Delete what is past its age."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from sessions_app.jobs.finished import forget_old
from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.services import retention


class Command(TeachingCommand):
    help = (
        "Delete what is past its age and nothing needs any more: tracked input, agents' reports, refusals, "
        "deliveries of webhooks, event ids, idempotency keys, sign-ins and socket tickets that are over, who "
        "was present, samples of the operators' figures, failed jobs. Never the ledger, sessions or items, "
        "nor what a page shows. The worker does it every night; the server may be running: each batch is "
        "one short transaction."
    )
    examples = ("--dry-run", "", "--older-than 180 --json")

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=_age,
            metavar="DAYS",
            default=settings.INTAKE_KEPT_DAYS,
            help=f"age of tracked input, reports and refusals, {retention.LEAST_INTAKE_DAYS} or more "
            "(default: INTAKE_KEPT_DAYS)",
        )

    def run(self, options: dict[str, Any]) -> Report:
        """Delete, or count, batch by batch."""
        is_trial = options["dry_run"]
        pruned: Counter[str] = Counter()
        try:
            with self.progress("Pruning", None) as advance:
                for table, rows in retention.prune(options["older_than"], is_trial=is_trial):
                    pruned[table] += rows
                    advance(rows)
            if jobs := forget_old(is_trial=is_trial):
                pruned["procrastinate_jobs"] = jobs
        finally:
            if pruned and not is_trial:
                self.note(**pruned)
        verb = "would go" if is_trial else "are gone"
        return Report(
            {"dry_run": is_trial, "older_than_days": options["older_than"], "pruned": dict(pruned)},
            [f"{rows:,} rows of {table} {verb}." for table, rows in pruned.items()]
            or ["Nothing is that old."],
        )


def _age(text: str) -> int:
    """A number of days that the service takes."""
    if (days := named.days(text)) < retention.LEAST_INTAKE_DAYS:
        raise ArgumentTypeError(
            f"must be {retention.LEAST_INTAKE_DAYS} or more, for agents look back that far; not {text}"
        )
    return days
