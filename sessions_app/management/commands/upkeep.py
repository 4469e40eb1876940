"""Do what time itself brings, once: for cron where `serve` does not run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sessions_app.jobs.upkeep import run_upkeep
from sessions_app.management.teaching import Report, TeachingCommand


class Command(TeachingCommand):
    help = (
        "End idle sessions, expire questions, wake parked items, ask for reviews, park what stands still, "
        "digest what waits, make the partitions of the months to come: once, as the worker does every "
        "minute. The server may be running."
    )
    examples = ("--dry-run", "", "--json")

    def run(self, options: dict[str, Any]) -> Report:
        """Run the upkeep once; running it twice does each thing once. A dry run digests nothing."""
        is_trial = options["dry_run"]
        document = asdict(run_upkeep(is_trial=is_trial))
        done = {name: number for name, number in document.items() if number}
        if done and not is_trial:
            self.note(**done)
        words = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in done.items())
        return Report({"dry_run": is_trial, **document}, [words or "nothing was due"])
