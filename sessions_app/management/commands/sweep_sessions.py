"""End the sessions in which nothing happens any more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.db import transaction

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_admin, acting_as_system
from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.models import Session
from sessions_app.services import sessions


class Command(TeachingCommand):
    help = (
        "End idle sessions now, each at its last activity, and say which. The worker does it every minute; "
        "this is for a machine without one, or to end them sooner. The server may be running."
    )
    examples = ("--dry-run", "", "--project 'Platform' --idle-minutes 10 --json")

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", metavar="ID or TITLE", help="of one project only")
        parser.add_argument(
            "--idle-minutes",
            type=named.minutes,
            metavar="N",
            help="idle since so many minutes (default: SESSION_IDLE_MINUTES)",
        )

    def run(self, options: dict[str, Any]) -> Report:
        """Sweep project by project, each in a transaction of its own."""
        only = named.project(options["project"]).id if options["project"] else None
        minutes, is_trial = options["idle_minutes"], options["dry_run"]
        swept: list[Session] = []
        projects = _projects(only, minutes)
        try:
            with self.progress("Sweeping", len(projects)) as advance:
                for project_id in projects:
                    swept += _sweep(project_id, minutes, is_trial=is_trial)
                    advance(1)
        finally:
            # Also of what was done before somebody interrupted it.
            if swept and not is_trial:
                self.note(ended=len(swept))
        verb = "would end" if is_trial else "ended"
        return Report(
            {
                "dry_run": is_trial,
                "sessions": [
                    {
                        "id": each.id,
                        "project_id": each.project_id,
                        "user_id": each.user_id,
                        "session_start": each.session_start.isoformat(),
                        "session_end": each.last_activity.isoformat(),
                    }
                    for each in swept
                ],
            },
            [
                f"{each.id} of {each.user_id} in {each.project_id} {verb} at {each.last_activity.isoformat()}"
                for each in swept
            ]
            or ["No session is idle."],
        )


def _projects(only: UUID | None, minutes: int | None) -> list[UUID]:
    with acting_as_admin():
        idle = Session.objects.idle_since(sessions.idle_limit(clock.now(), minutes))
        if only:
            idle = idle.filter(project_id=only)
        return sorted(set(idle.values_list("project_id", flat=True)))


@retrying
def _sweep(project_id: UUID, minutes: int | None, *, is_trial: bool) -> list[Session]:
    with acting_as_system([project_id]):
        ended = sessions.end_idle(project_id, clock.now(), minutes)
        transaction.set_rollback(is_trial)
    return ended
