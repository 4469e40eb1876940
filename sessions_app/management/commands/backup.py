"""Write a back-up of the database to a file."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from sessions_app import clock
from sessions_app.management import leaving
from sessions_app.management.backup import addresses, dumping


class Command(BaseCommand):
    help = (
        "Write a back-up of the whole database to a new file that only you may read. The server may be "
        "running: the file holds one moment. It appears when it is complete, was read again and holds every "
        "row. `restore` brings it back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="the new file, or a folder for it; by default in the folder backups of DATA_DIR",
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Make it.

        Raises CommandError (exit code 1) when it cannot be made whole, or the file is there already; no file
        is left then, nor when it is interrupted.
        """
        started = time.monotonic()
        say = self.stderr.write if options["json"] else self.stdout.write
        with leaving.interruptible("Interrupted. No file was written."):
            made = dumping.make_backup(addresses.reader(), _file(options["output"]), say)
        seconds = round(time.monotonic() - started, 2)
        rows = made.manifest.rows
        if options["json"]:
            report = {
                "file": str(made.file),
                "bytes": made.bytes,
                "seconds": seconds,
                "postgres": made.manifest.postgres,
                "rows": rows,
                "leftOut": made.manifest.left_out,
            }
            self.stdout.write(json.dumps(report))
            return
        size = filesizeformat(made.bytes).replace("\N{NO-BREAK SPACE}", " ")
        held = f"{sum(rows.values())} rows of {len(rows)} tables, {size}"
        self.stdout.write(self.style.SUCCESS(f"{made.file}: {held}, in {seconds} s."))
        self.stdout.write(
            "It holds all that people wrote, and the hashes of their passwords: keep it where only you can "
            f"read it.\nNot in it: who is signed in; and {_key()}, without which mails that wait and "
            "webhooks' secrets cannot be opened. Keep a copy of that elsewhere."
        )


def _file(output: Path | None) -> Path:
    """Where it goes. Raises CommandError for a folder that is not there."""
    name = f"leftoff-{clock.now():%Y%m%d-%H%M%S}.zip"
    if output is None:
        folder = settings.DATA_DIR / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(folder / name)
    file = output.absolute()
    if file.is_dir():
        return file / name
    if not file.parent.is_dir():
        raise CommandError(f"There is no folder {file.parent}.")
    return file


def _key() -> str:
    kept = settings.DATA_DIR / "secret_key"
    return f"the key in {kept}" if settings.IS_EMBEDDED and kept.exists() else "SECRET_KEY"
