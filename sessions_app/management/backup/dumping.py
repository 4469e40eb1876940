"""Make a back-up: while the product is up, of one moment, and looked at before it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import CommandError

from sessions_app import clock
from sessions_app.db.catalog import schema
from sessions_app.management.backup import archive, inventory, programs, streams
from sessions_app.management.backup.addresses import Address

# Not worth keeping, or better not kept: who is signed in on pages (whoever has the file could be them), what
# opens a socket once, who is here right now.
LEFT_OUT = ("django_session", "presences", "socket_tickets")


@dataclass(frozen=True)
class Made:
    """A back-up that was made."""

    file: Path
    bytes: int
    manifest: archive.Manifest


def make_backup(reader: Address, file: Path, say: Callable[[str], object]) -> Made:
    """Write a back-up of the database to a new file that only this user may read.

    Arguments: the database as the back-up role; the file; `say` is told what takes time. The file appears
    when it is complete, and was read again: it holds as many rows of each table as the database had.
    Raises CommandError otherwise; then there is no file.
    """
    with archive.draft_of(file) as draft, reader.connect(autocommit=False) as connection:
        # One moment for the counts and the dump, whatever is written meanwhile.
        connection.execute("set transaction isolation level repeatable read, read only")
        _require_all_rows(connection, reader)
        program = programs.find("pg_dump", connection.info.server_version // 10_000)
        manifest = _manifest(connection, program.major)
        [(snapshot,)] = connection.execute("select pg_export_snapshot()").fetchall()
        say("Reading the database …")
        command: list[str | Path] = [
            program.path,
            "--format=custom",
            f"--snapshot={snapshot}",
            *(f"--exclude-table-data=public.{table}" for table in LEFT_OUT),
            f"--dbname={reader.conninfo}",
        ]
        with archive.writing(draft, manifest) as dump:
            streams.read_from(command, reader.environment, dump)
        say("Reading the file again …")
        inventory.require_rows(file.name, inventory.rows_of_dump(draft, program.major), manifest.rows)
        size = draft.stat().st_size
    return Made(file, size, manifest)


def _require_all_rows(connection: psycopg.Connection[Any], reader: Address) -> None:
    """A role that policies bind would read less than there is, and might not notice."""
    [(reads_all,)] = connection.execute(
        "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
    ).fetchall()
    if not reads_all:
        raise CommandError(
            f"The role {reader.role} does not see the rows of all projects, so its back-up would be empty. "
            f"As a superuser: alter role {reader.role} bypassrls"
        )
    unreadable = [
        name
        for (name,) in connection.execute(
            """
            select relname from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'S')
              and not has_table_privilege(oid, 'select')
            order by relname
            """
        )
    ]
    if unreadable:
        raise CommandError(
            f"The role {reader.role} may not read {inventory.some(unreadable)}. As the owner: "
            f"grant select on all tables in schema public to {reader.role}; "
            f"grant select on all sequences in schema public to {reader.role}"
        )


def _manifest(connection: psycopg.Connection[Any], dumped_by: int) -> archive.Manifest:
    rows = inventory.rows_of_database(connection)
    if "django_migrations" not in rows:
        raise CommandError("There is nothing to back up: this database was never migrated.")
    [(postgres, owner)] = connection.execute(
        "select current_setting('server_version'), tableowner from pg_tables"
        " where schemaname = 'public' and tablename = 'django_migrations'"
    ).fetchall()
    migrations = connection.execute("select app || '.' || name from django_migrations order by id").fetchall()
    return archive.Manifest(
        format=archive.FORMAT,
        made_at=clock.now().isoformat(timespec="seconds"),
        postgres=postgres.split()[0],
        dumped_by=dumped_by,
        owner=owner,
        migrations=[name for (name,) in migrations],
        rows={table: 0 if table in LEFT_OUT else number for table, number in rows.items()},
        left_out=list(LEFT_OUT),
        schema=schema(connection),
        key=archive.key_fingerprint(),
    )
