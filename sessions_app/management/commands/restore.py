"""Bring a back-up back."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sessions_app.management import database, leaving
from sessions_app.management.backup import addresses, restoring


class Command(BaseCommand):
    help = (
        "Restore a file that `backup` wrote. Stop `serve` and the workers first. It is restored beside the "
        "old database, compared with what the file says of itself, and then takes the old one's place, all "
        "at once; what fails before that changes nothing. A database that holds people or projects is "
        "replaced with --replace only, and is kept under another name."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="also where there are people or projects")
        parser.add_argument("--discard", action="store_true", help="do not keep what is replaced")
        parser.add_argument("--yes", action="store_true", help="do not ask before something is replaced")
        parser.add_argument(
            "--dry-run", action="store_true", help="read and compare everything, change nothing"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Look, ask, restore.

        Raises CommandError (exit code 1) for a file that is damaged or not for this place, a database in use
        or not empty, and a restore that fails; nothing is changed then.
        """
        started = time.monotonic()
        say = self.stderr.write if options["json"] else self.stdout.write
        owner = addresses.owner()
        with leaving.interruptible("Interrupted. Nothing was changed."):
            if not options["dry_run"]:
                restoring.require_stopped(owner)
                if not settings.IS_EMBEDDED:
                    database.create_roles(say)
            looked = restoring.examine(options["file"], owner, say)
            if looked.replaces and not options["dry_run"]:
                self._confirm(looked, options)
            if not options["dry_run"]:
                restoring.restore(options["file"], owner, looked, say, discard=options["discard"])
        looked.seconds["all"] = round(time.monotonic() - started, 2)
        self._report(options, looked)

    def _confirm(self, looked: restoring.Restored, options: dict[str, Any]) -> None:
        held = _words(looked.replaces)
        if not options["replace"]:
            raise CommandError(
                f"There are {held} in the database. Nothing was changed. "
                "To replace them, and keep them under another name: --replace"
            )
        if options["yes"]:
            return
        lost = " They are not kept." if options["discard"] else ""
        self.stdout.write(f"This replaces {held} by the state of {looked.manifest.made_at}.{lost}")
        try:
            typed = input("Type “restore” to go on: ")
        except EOFError as nobody:
            raise CommandError("Nobody is there to ask: add --yes. Nothing was changed.") from nobody
        if typed.strip().lower() != "restore":
            raise CommandError("Nothing was changed.")

    def _report(self, options: dict[str, Any], looked: restoring.Restored) -> None:
        manifest = looked.manifest
        if options["json"]:
            report = {
                "file": str(options["file"]),
                "madeAt": manifest.made_at,
                "postgres": manifest.postgres,
                "rows": manifest.rows,
                "leftOut": manifest.left_out,
                "replaces": looked.replaces,
                "keptAs": looked.kept_as,
                "notes": looked.notes,
                "seconds": looked.seconds,
                "dryRun": options["dry_run"],
            }
            self.stdout.write(json.dumps(report))
            return
        total = f"{sum(manifest.rows.values())} rows of {len(manifest.rows)} tables, of {manifest.made_at}"
        times = ", ".join(f"{what} {seconds} s" for what, seconds in looked.seconds.items())
        if options["dry_run"]:
            self.stdout.write(self.style.SUCCESS(f"The file is whole: {total} ({times})."))
            if looked.replaces:
                self.stdout.write(f"It would replace {_words(looked.replaces)}.")
        else:
            self.stdout.write(self.style.SUCCESS(f"Restored {total} ({times})."))
            self.stdout.write("Everybody signs in again; pages that are still open reload by themselves.")
        if looked.kept_as:
            self.stdout.write(
                f"The old database is kept as {looked.kept_as}. When you miss nothing, as its owner: "
                f"drop database {looked.kept_as}"
            )
        for note in looked.notes:
            self.stdout.write(self.style.WARNING(f"Note: {note}"))


def _words(holdings: dict[str, int]) -> str:
    names = {"users": "people", "projects": "projects"}
    return " and ".join(f"{number} {names[table]}" for table, number in holdings.items())
