"""Import decision records or an agents' work log into a project."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from sessions_app import importers
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.importers.rows import Reading
from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.models import Membership, User
from sessions_app.models.projects import TITLE_MAX_CHARACTERS, Role
from sessions_app.services import imports, projects
from sessions_app.services.imports import Imported
from sessions_app.services.texts import clean_line


class Command(TeachingCommand):
    help = (
        "Import a folder of decision records (adr) or a work log (beads, .jsonl) into a project. "
        "Imported again later, only what changed in the source is applied. The server may be running."
    )

    examples = (
        "docs/adr --project 'Platform' --owner ann@example.org --dry-run",
        "docs/adr --project 'Platform' --owner ann@example.org",
        "work.jsonl --project 'Platform' --owner ann@example.org --skip-bad --json",
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="folder of decision records, or a .jsonl file")
        parser.add_argument("--project", required=True, metavar="TITLE", help="made when not there yet")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="a member with the role owner")
        parser.add_argument("--format", choices=["adr", "beads"], help="told by the path when left out")
        parser.add_argument("--skip-bad", action="store_true", help="leave out what cannot be read")

    def run(self, options: dict[str, Any]) -> Report:
        """Read everything, then import it whole or not at all.

        Raises CommandError (exit code 1) when something cannot be read and --skip-bad is not given,
        when the owner is unknown, or the project's title is not the owner's alone.
        """
        reading = self._read(options)
        if reading.problems and not options["skip_bad"]:
            refused = (
                f"{len(reading.problems)} cannot be read; nothing was imported. "
                "Mend them, or leave them out with --skip-bad."
            )
            return self._report(options, None, reading, None, refused)
        project_id, imported = self._import(options, reading)
        if not options["dry_run"]:
            self.note(project=project_id, read=reading.read)
        return self._report(options, project_id, reading, imported)

    def _read(self, options: dict[str, Any]) -> Reading:
        try:
            with self.progress_so_far("Reading") as progress:
                return importers.read(options["path"], options["format"], progress=progress)
        except (importers.ImportFormatError, OSError) as bad:
            raise CommandError(str(bad)) from bad

    def _import(self, options: dict[str, Any], reading: Reading) -> tuple[UUID | None, Imported]:
        # As the service cleans it: else a title typed with two spaces would be a new project each time.
        title = clean_line(options["project"], "project", most=TITLE_MAX_CHARACTERS)
        owner = named.person(options["owner"], "owner")
        source = options["format"] or ("adr" if options["path"].is_dir() else "beads")

        @retrying
        def run(progress: Callable[[int, int], None]) -> tuple[UUID | None, Imported]:
            known = _own_project(owner, title)
            project_id = known or uuid.uuid4()
            with acting_as_system([project_id]):
                if known is None:
                    projects.create_project(owner, title=title, project_id=project_id)
                imported = imports.import_rows(
                    project_id,
                    source,
                    reading.rows,
                    remove_vanished=not reading.problems,
                    progress=progress,
                )
                transaction.set_rollback(options["dry_run"])
            return known if options["dry_run"] else project_id, imported

        with self.progress_so_far("Importing") as progress:
            return run(progress)

    def _report(
        self,
        options: dict[str, Any],
        project_id: UUID | None,
        reading: Reading,
        imported: Imported | None,
        refused: str = "",
    ) -> Report:
        document = {
            "dry_run": options["dry_run"],
            "project": project_id,
            "read": reading.read,
            **asdict(imported or Imported()),
            "skipped": sum(reading.skipped.values()),
            "skipped_by_kind": reading.skipped,
            "dependencies_dropped": reading.dependencies_dropped,
            "unknown_statuses": [asdict(problem) for problem in reading.unknown_statuses],
            "shortened": reading.shortened,
            "errors": [asdict(problem) for problem in reading.problems],
        }
        if not options["json"]:
            for problem in reading.problems:
                self.stderr.write(f"{problem.where}: {problem.what}")
        lines = [f"  note: {note.where}: {note.what}" for note in (*reading.unknown_statuses, *reading.notes)]
        if imported is not None:
            words = ", ".join(f"{number} {name}" for name, number in asdict(imported).items() if number)
            lines.append(self.style.SUCCESS(f"{reading.read} read: {words or 'nothing to do'}."))
            skipped = ", ".join(f"{number} {kind}" for kind, number in sorted(reading.skipped.items()))
            lines += [f"  skipped: {skipped}"] if skipped else []
            lines += ["  Nothing was imported: this was a dry run."] if options["dry_run"] else []
        return Report(document, lines, failed=refused)


def _own_project(owner: User, title: str) -> UUID | None:
    """The one project of this title that the person owns, or None. Raises CommandError for several."""
    with acting_as(owner.id):
        found = list(
            Membership.objects.filter(user=owner, role=Role.OWNER, project__title=title).values_list(
                "project_id", flat=True
            )
        )
    if len(found) > 1:
        raise CommandError(f"{owner} owns {len(found)} projects called “{title}”: rename one first.")
    return found[0] if found else None
