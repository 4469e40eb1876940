"""Erase a person: who they were and what they said."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_admin
from sessions_app.models import User
from sessions_app.services import people
from sessions_app.services.errors import Invalid, ServiceError
from sessions_app.services.texts import EMAIL_MAX_CHARACTERS, clean_line


class Command(BaseCommand):
    help = (
        "Erase a person for good: name, e-mail, messages, answers and reasons. What happened in their "
        "projects stays, under “Erased person”. The server may be running."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--yes", action="store_true", help="do not ask for the e-mail again")

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Ask, then erase.

        Raises CommandError (exit code 1) for an e-mail nobody has, one that is not typed again to the
        letter, or the only owner of a project; nothing is changed then.
        """
        try:
            email = clean_line(options["email"], "email", most=EMAIL_MAX_CHARACTERS)
        except Invalid as bad:
            raise CommandError(str(bad)) from bad
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Nobody has the e-mail {email}.")
        if not options["yes"]:
            self._confirm(person)
        try:
            _erase(person.id)
        except ServiceError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(self.style.SUCCESS(f"{email} is erased."))

    def _confirm(self, person: User) -> None:
        self.stdout.write(f"This erases {person} ({person.email}) for good; nothing brings it back.")
        try:
            typed = input("Type the e-mail again: ")
        except EOFError as nobody:
            raise CommandError("Nobody is there to ask: add --yes. Nothing was erased.") from nobody
        if typed.strip().lower() != person.email.lower():
            raise CommandError("That is another e-mail. Nothing was erased.")


@retrying
def _erase(user_id: UUID) -> None:
    with acting_as_admin():
        people.erase_person(user_id)
