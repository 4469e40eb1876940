"""Django's migrate, run as the owner, also while others serve: the run-time role may not change tables."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from sessions_app.db.migrating import StillLocked, migrate_patiently
from sessions_app.management import named

WAIT_SECONDS = 60


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
        parser.add_argument(
            "--wait",
            type=named.seconds,
            default=WAIT_SECONDS,
            metavar="SECONDS",
            help="how long to try again while others hold a lock it needs",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Migrate the connection named by --database (default: owner).

        Raises CommandError when a lock it needs was not to be had in all that time.
        """
        try:
            migrate_patiently(
                connections[options["database"]],
                partial(super().handle, *args, **options),
                seconds=options["wait"],
                on_pause=self._say_locked,
            )
        except StillLocked as locked:
            raise CommandError(
                f"Not migrated: for {options['wait']} s others held a lock it needs. Nothing is half done, "
                "run it again. docs/operations/trouble.md tells how to find who holds it."
            ) from locked

    def _say_locked(self) -> None:
        self.stdout.write("\nOthers hold a lock this needs. It is taken back, and tried again in a moment.")
        self.stdout.flush()
