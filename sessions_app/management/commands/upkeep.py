"""Do what time itself brings, once: for cron where `serve` does not run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from sessions_app.jobs.upkeep import run_upkeep


class Command(BaseCommand):
    help = "End idle sessions, expire questions, wake parked items, park still ones, digest reports."

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Run the upkeep once; running it twice does each thing once."""
        done = {name: number for name, number in asdict(run_upkeep()).items() if number}
        words = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in done.items())
        self.stdout.write(words or "nothing was due")
