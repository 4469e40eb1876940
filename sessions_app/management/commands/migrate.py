"""Django's migrate, run as the owner, also while others serve: the run-time role may not change tables."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

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

        Raises CommandError when a lock it needs was not to be had in all that time, and for a database that
        keeps text in another encoding than UTF-8.
        """
        connection = connections[options["database"]]
        _refuse_other_encodings(connection)
        try:
            migrate_patiently(
                connection,
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


def _refuse_other_encodings(connection: BaseDatabaseWrapper) -> None:
    """SQL_ASCII, `initdb`'s choice without a locale, counts bytes as letters; others lack most letters."""
    with connection.cursor() as cursor:
        cursor.execute("select current_database(), current_setting('server_encoding')")
        name, encoding = cursor.fetchone()
    if encoding != "UTF8":
        raise CommandError(
            f"The database {name} keeps text as {encoding}. Leftoff wants one made with "
            "`template template0 encoding 'UTF8'`."
        )
