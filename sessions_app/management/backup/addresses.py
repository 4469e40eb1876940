"""How the database is reached: by the role that reads all of it, and by its owner."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections
from psycopg.conninfo import make_conninfo

from sessions_app import embedded
from sessions_app.management.database import parameters_of, require_there

_OPTIONS = psycopg.pq.Conninfo.get_defaults()
LIBPQ_KEYWORDS = frozenset(option.keyword.decode() for option in _OPTIONS)
# Those that libpq itself shows as asterisks, and the keys that are worth a password.
SECRETS = {option.keyword.decode() for option in _OPTIONS if option.dispchar == b"*"} | {
    "scram_client_key",
    "scram_server_key",
}
# The product's time limits are for pages; a dump takes as long as it takes.
WITHOUT_LIMITS = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"


@dataclass(frozen=True)
class Address:
    """One database of one server, and the role that signs in."""

    parameters: Mapping[str, Any]

    def __post_init__(self) -> None:
        # libpq takes only the password from elsewhere than the command line, where others can read it.
        if secrets := sorted(SECRETS & self.parameters.keys() - {"password"}):
            raise CommandError(
                f"The database's address holds {', '.join(secrets)}, which PostgreSQL's programs would show "
                "to others on this machine: use a password, or a key without one."
            )

    @property
    def database(self) -> str:
        return str(self.parameters["dbname"])

    @property
    def role(self) -> str:
        return str(self.parameters["user"])

    @property
    def conninfo(self) -> str:
        """For the command line of a program, where others can read it: without the password."""
        return make_conninfo(**{name: value for name, value in self.parameters.items() if name != "password"})

    @property
    def environment(self) -> dict[str, str]:
        """For a program that signs in here; what it says is in English, since it is read."""
        password = {"PGPASSWORD": str(self.parameters["password"])} if "password" in self.parameters else {}
        return os.environ | password | {"LC_ALL": "C"}

    def to(self, database: str) -> Address:
        """Another database of the same server."""
        return replace(self, parameters={**self.parameters, "dbname": database})

    @contextmanager
    def connect(self, *, autocommit: bool = True) -> Iterator[psycopg.Connection[Any]]:
        """A connection without time limits. What the database refuses in the block is a CommandError."""
        try:
            with psycopg.connect(
                make_conninfo(**{**self.parameters, "options": WITHOUT_LIMITS}), autocommit=autocommit
            ) as connection:
                yield connection
        except psycopg.Error as trouble:
            raise CommandError(
                f"The database {self.database} cannot be used as {self.role}: {trouble}"
            ) from trouble


def owner() -> Address:
    """The database as its owner. Raises CommandError where only the run-time role is known."""
    if not settings.IS_EMBEDDED and not settings.DATABASE_OWNER_URL:
        raise CommandError("DATABASE_OWNER_URL is not set: only the owner of the database may restore it.")
    if not settings.IS_EMBEDDED:
        parameters_of("DATABASE_OWNER_URL")
    return _of_django("owner")


def reader() -> Address:
    """The database as the back-up role, which policies do not bind. Raises CommandError without one."""
    if settings.IS_EMBEDDED:
        require_there()
        found = _of_django("owner")
        server = embedded.ensure_running(settings.DATABASES["owner"]["EMBEDDED_DATA_DIR"])
        password = server.password_of(embedded.BACKUP)
        return Address({**found.parameters, "user": embedded.BACKUP, "password": password})
    if not settings.DATABASE_BACKUP_URL:
        raise CommandError(
            f"DATABASE_BACKUP_URL is not set: the database's address as {embedded.BACKUP}, the one role that "
            "reads rows of everybody. docs/operations/deploy.md tells how to make it."
        )
    return Address(parameters_of("DATABASE_BACKUP_URL"))


def _of_django(alias: str) -> Address:
    try:
        parameters = connections[alias].get_connection_params()
    except embedded.EmbeddedError as trouble:
        raise CommandError(f"The database cannot be used: {trouble}") from trouble
    return Address(
        {
            name: value
            for name, value in parameters.items()
            if name in LIBPQ_KEYWORDS and name not in ("options", "client_encoding")
        }
    )
