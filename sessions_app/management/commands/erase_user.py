"""Erase a person: who they were and what they said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_admin
from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.models import User
from sessions_app.services import people


class Command(TeachingCommand):
    help = (
        "Erase a person for good: name, e-mail, messages, answers and reasons. What happened in their "
        "projects stays, under “Erased person”. The only owner of a project is refused. The server may be "
        "running. `export_user` writes what is kept of them first."
    )
    examples = ("ann@example.org --dry-run", "ann@example.org", "ann@example.org --yes --json")

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--yes", action="store_true", help="do not ask for the e-mail again")

    def run(self, options: dict[str, Any]) -> Report:
        """Ask, then erase.

        Raises CommandError (exit code 1) for an e-mail nobody has, one that is not typed again to the
        letter, or the only owner of a project; nothing is changed then.
        """
        person = named.person(options["email"])
        is_trial = options["dry_run"]
        if not (options["yes"] or is_trial):
            self._confirm(person, is_document=options["json"])
        projects = _erase(person.id, is_trial=is_trial)
        if not is_trial:
            self.note(person=person.id, projects=len(projects))
        told = "would be erased" if is_trial else "is erased"
        return Report(
            {"dry_run": is_trial, "person": person.id, "projects": projects},
            [self.style.SUCCESS(f"{person.email} {told}; {len(projects)} projects change by that.")],
        )

    def _confirm(self, person: User, *, is_document: bool) -> None:
        if is_document:
            raise CommandError("Nobody is asked with --json: add --yes. Nothing was erased.")
        self.stdout.write(f"This erases {person} ({person.email}) for good; nothing brings it back.")
        try:
            typed = input("Type the e-mail again: ")
        except EOFError as nobody:
            raise CommandError("Nobody is there to ask: add --yes. Nothing was erased.") from nobody
        if typed.strip().lower() != person.email.lower():
            raise CommandError("That is another e-mail. Nothing was erased.")


@retrying
def _erase(user_id: UUID, *, is_trial: bool) -> list[UUID]:
    """Erase them, and in a trial take it back: whatever would refuse it refuses that too."""
    with acting_as_admin():
        projects = people.erase_person(user_id)
        transaction.set_rollback(is_trial)
    return projects
