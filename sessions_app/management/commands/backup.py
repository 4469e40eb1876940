"""Write a back-up of the database to a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from sessions_app import clock
from sessions_app.management import leaving
from sessions_app.management.backup import addresses, dumping
from sessions_app.management.teaching import Report, TeachingCommand


class Command(TeachingCommand):
    help = (
        "Write a back-up of the whole database to a new file that only you may read. The server may be "
        "running: the file holds one moment. It appears when it is complete, was read again and holds every "
        "row. `restore` brings it back."
    )
    examples = ("", "--output /srv/backups --json")
    has_dry_run = False
    # It may be of another release: before an upgrade is a good moment.
    needs_database = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="the new file, ending in .zip, or its folder; by default the folder backups of DATA_DIR",
        )

    def run(self, options: dict[str, Any]) -> Report:
        """Make it.

        Raises CommandError when it cannot be made whole, or the file is there already; no file is left
        then, nor when it is interrupted.
        """
        started = time.monotonic()
        with leaving.interruptible("Interrupted. No file was written."):
            made = dumping.make_backup(addresses.reader(), _file(options["output"]), self.stderr.write)
        seconds = round(time.monotonic() - started, 2)
        rows = made.manifest.rows
        self.note(file=made.file, rows=sum(rows.values()))
        size = filesizeformat(made.bytes).replace("\N{NO-BREAK SPACE}", " ")
        held = f"{sum(rows.values()):,} rows of {len(rows)} tables, {size}"
        return Report(
            {
                "file": str(made.file),
                "bytes": made.bytes,
                "seconds": seconds,
                "postgres": made.manifest.postgres,
                "rows": rows,
                "left_out": made.manifest.left_out,
            },
            [
                self.style.SUCCESS(f"{made.file}: {held}, in {seconds} s."),
                "It holds all that people wrote, and the hashes of their passwords: keep it where only you "
                "can read it.",
                f"Not in it: who is signed in; and {_key()}, without which mails that wait and webhooks' "
                "secrets cannot be opened. Keep a copy of that elsewhere.",
            ],
        )


def _file(output: Path | None) -> Path:
    """Where it goes. Raises CommandError for a folder that is not there, and a file that is no .zip."""
    name = f"leftoff-{clock.now():%Y%m%d-%H%M%S}.zip"
    if output is None:
        folder = settings.DATA_DIR / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(folder / name)
    file = output.absolute()
    if file.is_dir():
        return file / name
    if file.suffix != ".zip":
        raise CommandError(f"There is no folder {file}, and the name of a file has to end in .zip.")
    if not file.parent.is_dir():
        raise CommandError(f"There is no folder {file.parent}.")
    return file


def _key() -> str:
    kept = settings.DATA_DIR / "secret_key"
    return f"the key in {kept}" if settings.IS_EMBEDDED and kept.exists() else "SECRET_KEY"
