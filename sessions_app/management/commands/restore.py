"""Bring a back-up back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from sessions_app.management import database, leaving
from sessions_app.management.backup import addresses, restoring
from sessions_app.management.teaching import Report, TeachingCommand


class Command(TeachingCommand):
    help = (
        "Restore a file that `backup` wrote. Stop `serve` and the workers first. It is restored beside the "
        "old database, compared with what the file says of itself, and then takes the old one's place, all "
        "at once; what fails before that changes nothing. A database that holds people, projects or tables "
        "of somebody else is replaced with --replace only, and is kept under another name."
    )
    # It may be empty, or of another release.
    needs_database = False
    examples = ("leftoff-20261126-030000.zip --dry-run", "leftoff-20261126-030000.zip --replace")

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="also where there is something")
        parser.add_argument("--discard", action="store_true", help="do not keep what is replaced")
        parser.add_argument("--yes", action="store_true", help="do not ask before something is replaced")

    def run(self, options: dict[str, Any]) -> Report:
        """Look, ask, restore.

        Raises CommandError for a file that is damaged or not for this place, a database in use or not empty,
        and a restore that fails; nothing is changed then.
        """
        started = time.monotonic()
        say, is_trial = self.stderr.write, options["dry_run"]
        owner = addresses.owner()
        with leaving.interruptible("Interrupted. Nothing was changed.") as let_end:
            if not is_trial:
                restoring.require_stopped(owner)
                if not settings.IS_EMBEDDED:
                    database.create_roles(say)
            looked = restoring.examine(options["file"], owner, say)
            if looked.replaces and not is_trial:
                self._confirm(looked, options)
            if not is_trial:
                restoring.restore(options["file"], owner, looked, say, before_swap=let_end)
                self.note(file=options["file"], of=looked.manifest.made_at, old_is=looked.kept_as)
                if options["discard"] or not looked.replaces:
                    restoring.discard(owner, looked)
        looked.seconds["all"] = round(time.monotonic() - started, 2)
        return Report(
            {
                "dry_run": is_trial,
                "file": str(options["file"]),
                "made_at": looked.manifest.made_at,
                "postgres": looked.manifest.postgres,
                "rows": looked.manifest.rows,
                "left_out": looked.manifest.left_out,
                "replaces": looked.replaces,
                "kept_as": looked.kept_as,
                "notes": looked.notes,
                "seconds": looked.seconds,
            },
            self._lines(looked, is_trial=is_trial),
        )

    def _confirm(self, looked: restoring.Restored, options: dict[str, Any]) -> None:
        held = _words(looked.replaces)
        if not options["replace"]:
            raise CommandError(
                f"The database holds {held}. Nothing was changed. "
                "To replace them, and keep them under another name: --replace"
            )
        if options["yes"]:
            return
        lost = " They are not kept." if options["discard"] else ""
        self.stderr.write(f"This replaces {held} by the state of {looked.manifest.made_at}.{lost}")
        self.stderr.write("Type “restore” to go on:")
        try:
            typed = input()
        except EOFError as nobody:
            raise CommandError("Nobody is there to ask: add --yes. Nothing was changed.") from nobody
        if typed.strip().lower() != "restore":
            raise CommandError("Nothing was changed.")

    def _lines(self, looked: restoring.Restored, *, is_trial: bool) -> list[str]:
        rows = looked.manifest.rows
        total = f"{sum(rows.values()):,} rows of {len(rows)} tables, of {looked.manifest.made_at}"
        times = ", ".join(f"{what} {seconds} s" for what, seconds in looked.seconds.items())
        lines = []
        if is_trial:
            lines.append(self.style.SUCCESS(f"The file is whole: {total} ({times})."))
            if looked.replaces:
                lines.append(f"It would replace {_words(looked.replaces)}.")
        else:
            lines.append(self.style.SUCCESS(f"Restored {total} ({times})."))
            lines.append("Everybody signs in again; pages that are still open reload by themselves.")
        if looked.kept_as:
            lines.append(
                f"The old database is kept as {looked.kept_as}. When you miss nothing, as its owner: "
                f"drop database {looked.kept_as}"
            )
        return lines + [self.style.WARNING(f"Note: {note}") for note in looked.notes]


def _words(holdings: dict[str, int]) -> str:
    one = {"users": "person", "projects": "project", "others": "table of somebody else"}
    many = {"users": "people", "projects": "projects", "others": "tables of somebody else"}
    return ", ".join(f"{number} {(one if number == 1 else many)[what]}" for what, number in holdings.items())
