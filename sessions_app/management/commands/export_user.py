"""Everything that is kept of a person, as a ZIP."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from sessions_app import clock
from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.models import User
from sessions_app.panels.own_data import own_data


class Command(TeachingCommand):
    help = (
        "Write everything that is kept of a person to a ZIP of JSON and CSV files: profile, sessions, ledger "
        "rows, messages, answers, marks, sign-ins and more, of all projects they are or were part of; "
        "nothing of others, no secrets. The file is for its owner only (0600) and appears when it is "
        "complete. They can download the same by themselves, from their profile."
    )
    examples = (
        "ann@example.org",
        "ann@example.org --output /root/ann.zip --force",
        "ann@example.org --json",
    )
    has_dry_run = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="by default leftoff-<id>-<day>.zip in this folder"
        )
        parser.add_argument("--force", action="store_true", help="write over a file that is there")

    def run(self, options: dict[str, Any]) -> Report:
        """Write the file beside its place, then move it there."""
        person = named.person(options["email"])
        day = clock.now().date().isoformat()
        output: Path = options["output"] or Path(f"leftoff-{person.id}-{day}.zip")
        rows: Counter[str] = Counter()
        try:
            self._write(person, output, rows, force=options["force"])
        except FileExistsError as there:
            raise CommandError(f"{output} is there already: name another, or add --force.") from there
        except OSError as bad:
            raise CommandError(f"{output} cannot be written: {bad.strerror or bad}") from bad
        size = output.stat().st_size
        self.note(person=person.id, bytes=size)
        return Report(
            {"person": str(person.id), "file": str(output), "bytes": size, "rows": dict(rows)},
            [f"{output}: {sum(rows.values()):,} rows in {len(rows)} tables, {size:,} bytes."],
        )

    def _write(self, person: User, output: Path, rows: Counter[str], *, force: bool) -> None:
        if output.exists() and not force:
            raise FileExistsError
        # Made for its owner only.
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file, self.progress("Exporting", None) as advance:
                for piece in own_data(person, rows):
                    file.write(piece)
                    advance(len(piece))
                file.flush()
                os.fsync(file.fileno())
            if force:
                draft.replace(output)
            else:
                # Unlike a move it refuses where somebody was faster.
                output.hardlink_to(draft)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
