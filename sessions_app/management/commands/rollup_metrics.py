"""Fill the roll-ups behind the insights page, build them anew, or check them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.db import transaction

from sessions_app import clock
from sessions_app.db.rls import acting_as_admin, acting_as_system
from sessions_app.jobs.each import each_project
from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.models import Project
from sessions_app.services import rollups
from sessions_app.services.rollups import Filled


class Command(TeachingCommand):
    help = (
        "Roll up now what the worker rolls up every minute: sessions that are over are measured, what "
        "happened is counted by the quarter of an hour, decisions are followed. Pages of figures read "
        "nothing else. The server may be running, and another of these: each project is one transaction, and "
        "everything counts once."
    )
    examples = (
        "",
        "--check --project 'Platform'",
        "--rebuild --dry-run",
        "--rebuild --project 3f0c1a52-8d1c-4a55-9a4b-0c1f6f0f1a11 --json",
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", metavar="ID or TITLE", help="of one project only")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--rebuild",
            action="store_true",
            help="empty the roll-ups and fill them anew; sessions whose tracked input is pruned keep what "
            "they came to",
        )
        how.add_argument(
            "--check",
            action="store_true",
            help="only compare with what the records give now; print each difference, exit with 1",
        )

    def run(self, options: dict[str, Any]) -> Report:
        """Fill, build anew or check, a project at a time; trouble in one holds up no other."""
        chosen = named.project(options["project"]).id if options["project"] else None
        if options["check"]:
            return self._check([chosen] if chosen else _all())
        if options["rebuild"]:
            return self._fill([chosen] if chosen else _all(), rollups.rebuild, is_trial=options["dry_run"])
        due = [chosen] if chosen else rollups.projects_due(clock.now())
        return self._fill(due, rollups.roll_up, is_trial=options["dry_run"])

    def _fill(self, project_ids: list[UUID], way: Callable[[UUID], Filled], *, is_trial: bool) -> Report:
        fill = _undone(way) if is_trial else way
        done: list[Filled] = []
        try:
            with self._each("Filling", project_ids) as each:
                _, failed = each_project(
                    each, lambda project_id: done.append(fill(project_id)), "the roll-up"
                )
        finally:
            # Also of what was done before somebody interrupted it.
            filled = sum(done, Filled())
            if done and not is_trial:
                self.note(projects=len(done), **asdict(filled))
        verb = "would be " if is_trial else ""
        return Report(
            {"dry_run": is_trial, "projects": len(done), **asdict(filled), "errors": _errors(failed)},
            [
                f"{len(done):,} projects {verb}filled: {filled.sessions:,} sessions measured, "
                f"{filled.activities:,} activities counted, {filled.lives:,} decisions followed."
            ],
            failed=_failed(failed),
        )

    def _check(self, project_ids: list[UUID]) -> Report:
        with self._each("Comparing", project_ids) as each:
            checked, failed = each_project(each, _differences, "the comparison")
        found = [row for rows in checked for row in rows]
        lines = [f"{row['project']} {row['told']}" for row in found]
        sentences = [_failed(failed)] if failed else []
        if found:
            sentences.append(
                f"{len(found):,} rows differ: `manage.py rollup_metrics --rebuild` puts them right."
            )
        return Report(
            {"projects": len(checked), "differences": found, "errors": _errors(failed)},
            lines or [f"{len(checked):,} projects compared: all is as their records give it."],
            failed="\n".join(sentences),
        )

    @contextmanager
    def _each(self, what: str, project_ids: list[UUID]) -> Iterator[Iterator[UUID]]:
        """The projects, with a bar that follows."""
        with self.progress(what, len(project_ids)) as advance:

            def following() -> Iterator[UUID]:
                for project_id in project_ids:
                    yield project_id
                    advance(1)

            yield following()


def _all() -> list[UUID]:
    with acting_as_admin():
        return list(Project.objects.order_by("id").values_list("id", flat=True))


def _undone(way: Callable[[UUID], Filled]) -> Callable[[UUID], Filled]:
    """The same, with nothing left of it: what it would do is exactly what it says."""

    def trial(project_id: UUID) -> Filled:
        with acting_as_system([project_id]):
            filled = way(project_id)
            transaction.set_rollback(True)
        return filled

    return trial


def _differences(project_id: UUID) -> list[dict[str, Any]]:
    found = rollups.check(project_id)
    return [{"project": str(project_id), **asdict(each), "told": str(each)} for each in found]


def _errors(failed: ExceptionGroup[Exception] | None) -> list[str]:
    return [f"{error} ({', '.join(error.__notes__)})" for error in failed.exceptions] if failed else []


def _failed(failed: ExceptionGroup[Exception] | None) -> str:
    return "\n".join([f"{failed.message}:", *_errors(failed)]) if failed else ""
