"""Compare stored counts with what they should be, and put them right."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.services import recomputing
from sessions_app.services.recomputing import Batch, Chosen, Difference, Recomputed


class Command(TeachingCommand):
    help = (
        "Recompute the counts and times that panels are served from, of every person and project at once, "
        "and write the rows that differ; without --user and --since projects' counters too. Pages need it "
        "only after a repair by hand: what is old is computed when it is read. The server may be running: "
        "each batch of projects is one short transaction."
    )
    examples = (
        "--check",
        "",
        "--project 'Platform' --steps",
        "--user ann@example.org --since 7d --json",
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", metavar="ID or TITLE", help="of one project only")
        parser.add_argument("--user", metavar="EMAIL", help="of one person only")
        parser.add_argument(
            "--since",
            type=named.moment,
            metavar="WHEN",
            help="of whom was active since: a day, a moment, or 12h or 7d ago",
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--check",
            action="store_true",
            help="only compare what claims to be up to date; print each difference, exit with 1",
        )
        how.add_argument(
            "--steps",
            action="store_true",
            help="compute the next steps of old rows too, instead of when they are read; person by person",
        )

    def run(self, options: dict[str, Any]) -> Report:
        """Compare, or put right, a batch of projects at a time."""
        chosen = Chosen(
            project_id=named.project(options["project"]).id if options["project"] else None,
            user_id=named.person(options["user"]).id if options["user"] else None,
            since=options["since"],
        )
        if options["check"]:
            return self._compare(chosen)
        return self._recompute(chosen, with_steps=options["steps"], is_trial=options["dry_run"])

    def _compare(self, chosen: Chosen) -> Report:
        batches = recomputing.batches(chosen)
        found: list[Difference] = []
        with self.progress("Comparing", _size(batches)) as advance:
            for batch in batches:
                found += recomputing.differences(batch, chosen)
                advance(batch.pairs)
        rows = _size(batches)
        lines = [
            f"{each.project_id} {each.user_id or 'counters'} {each.what}: "
            f"stored {each.stored}, recomputed {each.recomputed}"
            for each in found
        ]
        return Report(
            {"rows": rows, "differences": [asdict(each) for each in found]},
            lines or [f"{rows:,} rows compared: all say what they should."],
            failed=f"{len(found):,} values differ: `manage.py recompute_analytics` puts them right."
            if found
            else "",
        )

    def _recompute(self, chosen: Chosen, *, with_steps: bool, is_trial: bool) -> Report:
        batches = recomputing.batches(chosen)
        done = Recomputed()
        try:
            with self.progress("Recomputing", _size(batches)) as advance:
                for batch in batches:
                    done += recomputing.recompute(batch, chosen, is_trial=is_trial)
                    if with_steps:
                        done.steps += recomputing.compute_steps(batch, chosen, is_trial=is_trial)
                    advance(batch.pairs)
        finally:
            # Also of what was done before somebody interrupted it.
            if not is_trial:
                self.note(**asdict(done))
        rows = _size(batches)
        would = "would be " if is_trial else ""
        return Report(
            {"dry_run": is_trial, "rows": rows, **asdict(done)},
            [
                f"{rows:,} rows looked at, {done.rows_written:,} {would}written "
                f"({done.marked_stale:,} marked stale).",
                f"{done.counters:,} projects {would}recounted, steps of {done.steps:,} rows {would}computed.",
            ],
        )


def _size(batches: list[Batch]) -> int:
    return sum(batch.pairs for batch in batches)
