"""The database as a command needs it: there, migrated, and with roles that row security binds."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connections
from psycopg.conninfo import conninfo_to_dict

from sessions_app import embedded
from sessions_app.db.migrated import missing_migrations

Say = Callable[[str], None]


def prepare(say: Say) -> None:
    """Start the embedded server if it is used, create the roles, migrate.

    Raises CommandError when the database cannot be had, or is older than this release and there is
    no DATABASE_OWNER_URL to migrate it with.
    """
    try:
        if settings.IS_EMBEDDED:
            say("Starting PostgreSQL …")
            data_dir = settings.DATABASES["default"]["EMBEDDED_DATA_DIR"]
            embedded.use(data_dir)
            embedded.ensure_running(data_dir, say=say)
        elif settings.DATABASE_OWNER_URL:
            create_roles(say)
        unapplied = unapplied_migrations()
        if unapplied and not settings.IS_EMBEDDED and not settings.DATABASE_OWNER_URL:
            raise CommandError(
                f"The database lacks {unapplied} migrations. Set DATABASE_OWNER_URL (the owner's "
                "address), or run `manage.py migrate` where it is set."
            )
        if unapplied:
            say(f"Migrating ({unapplied} steps) …")
            call_command("migrate", verbosity=0, interactive=False)
        _refuse_unsafe_role()
    except (embedded.EmbeddedError, DatabaseError) as trouble:
        raise CommandError(f"The database cannot be used: {trouble}") from trouble


def folder_without_database() -> Path | None:
    """Where the embedded server would set up a new database, for there is none yet."""
    if not settings.IS_EMBEDDED:
        return None
    folder: Path = connections["default"].settings_dict["EMBEDDED_DATA_DIR"]
    return None if embedded.status(folder).initialised else folder


def require_there() -> None:
    """Raise CommandError rather than set up an empty database to look into."""
    if folder := folder_without_database():
        raise CommandError(
            f"There is no database in {folder} yet. Is DATA_DIR the one of your server? "
            "Otherwise start `manage.py serve` first."
        )


def require_ready() -> None:
    """Raise CommandError when the database cannot be used as it is; nothing is changed there."""
    try:
        require_there()
        if unapplied := unapplied_migrations():
            raise CommandError(
                f"The database lacks {unapplied} migrations. Start `manage.py serve`, or run "
                "`manage.py migrate` with DATABASE_OWNER_URL set, first."
            )
        _refuse_unsafe_role()
    except (embedded.EmbeddedError, DatabaseError) as trouble:
        raise CommandError(f"The database cannot be used: {trouble}") from trouble


def parameters_of(setting: str) -> dict[str, Any]:
    """What a setting that holds the database's address says, by libpq's names.

    Raises CommandError that names the setting, never what it holds: there is a password in it.
    """
    try:
        parameters = conninfo_to_dict(getattr(settings, setting))
    except psycopg.ProgrammingError:
        # Its words quote what could not be read.
        raise CommandError(
            f"{setting} cannot be read: it has to be like postgres://role:password@host/database, with what "
            "is special in a password written as %-codes."
        ) from None
    if missing := [what for what in ("user", "dbname") if not parameters.get(what)]:
        names = {"user": "the role that signs in", "dbname": "the database"}
        raise CommandError(
            f"{setting} does not tell {' nor '.join(names[what] for what in missing)}: it has to be like "
            "postgres://role:password@host/database."
        )
    return parameters


def create_roles(say: Say) -> None:
    """Create the roles that are missing on a server of one's own (DATABASE_OWNER_URL may create roles).

    The run-time role's password is that of DATABASE_URL. Raises CommandError when it cannot.
    """
    runtime = parameters_of("DATABASE_URL")
    owner = parameters_of("DATABASE_OWNER_URL")
    if runtime.get("user") != embedded.RUNTIME:
        raise CommandError(f"DATABASE_URL must sign in as {embedded.RUNTIME}, the role that policies bind.")
    backup = parameters_of("DATABASE_BACKUP_URL") if settings.DATABASE_BACKUP_URL else {}
    # A password that nobody knows is one by which nobody signs in.
    passwords = {
        embedded.OWNER: str(owner.get("password") or secrets.token_urlsafe()),
        embedded.RUNTIME: str(runtime.get("password") or secrets.token_urlsafe()),
        embedded.BACKUP: str(backup.get("password") or secrets.token_urlsafe()),
    }
    try:
        report = embedded.create_roles(owner, passwords)
    except psycopg.errors.InsufficientPrivilege as refused:
        raise CommandError(
            "The roles are missing and DATABASE_OWNER_URL may not create them: "
            "docs/operations/deploy.md has the SQL."
        ) from refused
    for role in report.created:
        say(f"Created the role {role}.")
    for warning in report.warnings:
        say(f"Note: {warning}")


def unapplied_migrations() -> int:
    """How many migrations of this release the database lacks."""
    return missing_migrations(connections["owner"])


def _refuse_unsafe_role() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        if cursor.fetchone()[0]:
            raise CommandError(
                "DATABASE_URL signs in as a role that row security does not bind. "
                f"Use {embedded.RUNTIME} there, and the owner in DATABASE_OWNER_URL."
            )
