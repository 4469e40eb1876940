"""Databases of one server: what is in one, make another like it, put it in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any

import psycopg
from django.apps import apps
from django.core.management.base import CommandError
from psycopg.sql import SQL, Composed, Identifier, Literal

from sessions_app.management.backup.addresses import Address

# Every server has it, and nobody keeps anything there.
MAINTENANCE = "postgres"
# PostgreSQL cuts a longer name off, silently.
NAME_BYTES = 63
# Somebody's tables: those of PostgreSQL itself and of its extensions hold nothing that anybody would miss.
TABLES = """
    select relnamespace::regnamespace::text, relname from pg_class
    where relkind in ('r', 'p', 'm', 'f') and relpersistence <> 't' and not relispartition
      and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      and relnamespace <> 'pg_toast'::regnamespace
      and not exists (
        select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
      )
"""


def named_after(database: str, ending: str) -> str:
    """A name for another database, never its own: its begin is cut where the whole would be too long."""
    if len((database + ending).encode()) > NAME_BYTES:
        # Names that begin alike stay apart.
        ending = f"_{sha256(database.encode()).hexdigest()[:8]}{ending}"
        database = database.encode()[: NAME_BYTES - len(ending)].decode(errors="ignore")
    return database + ending


def holdings(connection: psycopg.Connection[Any], known: Iterable[str]) -> dict[str, int]:
    """How many people, projects and tables of somebody else there are; nothing of what there is none.

    `known`: the tables of a back-up, which are ours, as those of this release are.
    """
    found = {}
    for table in ("users", "projects"):
        [(exists,)] = connection.execute("select to_regclass(%s) is not null", [f"public.{table}"]).fetchall()
        if exists:
            count = SQL("select count(*) from public.{}").format(Identifier(table))
            found[table] = connection.execute(count).fetchall()[0][0]
    models = apps.get_models(include_auto_created=True)
    ours = {model._meta.db_table for model in models} | {*known, "django_migrations"}
    found["others"] = sum(
        schema != "public" or name not in ours for schema, name in connection.execute(TABLES)
    )
    return {what: number for what, number in found.items() if number}


def require_unused(server: psycopg.Connection[Any], database: str) -> None:
    """Raise CommandError that names who is connected to a database."""
    users = [
        name or "somebody"
        for (name,) in server.execute(
            "select distinct application_name from pg_stat_activity"
            " where datname = %s and usename is not null and pid <> pg_backend_pid() order by 1",
            [database],
        )
    ]
    if users:
        raise CommandError(
            f"The database {database} is in use by {', '.join(users)}. Stop `serve` and the workers first. "
            "Nothing was changed."
        )


@contextmanager
def made_like(owner: Address, name: str) -> Iterator[Address]:
    """An empty database with the encoding, language and rights of the owner's; dropped after an error.

    What a killed restore left under that name goes first. Raises CommandError when it cannot be made, and
    while another restore of the owner's database is in such a block.
    """
    with owner.to(MAINTENANCE).connect() as server:
        # Or a second one would drop what the first is about to put in place. It ends with the connection.
        [(is_alone,)] = server.execute(
            "select pg_try_advisory_lock(hashtextextended(%s, 0))", [f"restore of {owner.database}"]
        ).fetchall()
        if not is_alone:
            raise CommandError(
                f"Another restore of the database {owner.database} is under way. Nothing was changed."
            )
        try:
            server.execute(_dropping(name))
            server.execute(_like(server, owner.database, name))
        except psycopg.errors.ObjectInUse as used:
            raise CommandError(
                f"What a killed restore began still uses the database {name}: end its pg_restore. "
                "Nothing was changed."
            ) from used
        except psycopg.errors.InsufficientPrivilege as refused:
            raise CommandError(
                f"The role {owner.role} may not make databases, and a restore makes one beside the old. "
                f"As a superuser: alter role {owner.role} createdb"
            ) from refused
        try:
            for statement in _rights(server, owner.database, name):
                server.execute(statement)
            yield owner.to(name)
        except BaseException:
            drop_by_force(server, name)
            raise


def put_in_place(owner: Address, name: str, aside: str) -> None:
    """Give the owner's database the name `aside`, and `name` its place: both or neither.

    Raises CommandError when somebody is connected to one of them.
    """
    rename = SQL("alter database {} rename to {}")
    with owner.to(MAINTENANCE).connect(autocommit=False) as server:
        require_unused(server, owner.database)
        try:
            server.execute(rename.format(Identifier(owner.database), Identifier(aside)))
            server.execute(rename.format(Identifier(name), Identifier(owner.database)))
        except psycopg.errors.ObjectInUse as used:
            raise CommandError(
                f"Somebody connected to the database {owner.database} meanwhile. "
                "Stop `serve` and the workers first. Nothing was changed."
            ) from used


def drop(owner: Address, name: str) -> None:
    """Drop a database that nobody needs any more."""
    with owner.to(MAINTENANCE).connect() as server:
        drop_by_force(server, name)


def drop_by_force(server: psycopg.Connection[Any], name: str) -> None:
    """Drop a database, if it is there, whoever is connected to it."""
    by_force = _dropping(name) + SQL(" with (force)")
    try:
        server.execute(by_force)
    except psycopg.errors.InsufficientPrivilege:
        # PostgreSQL itself is tidying up there, and only a superuser may end that by force. Without force it
        # ends it by itself, but waits for everybody else.
        with suppress(psycopg.errors.ObjectInUse):
            server.execute(_dropping(name))
        server.execute(by_force)


def _dropping(name: str) -> Composed:
    return SQL("drop database if exists {}").format(Identifier(name))


def _like(server: psycopg.Connection[Any], model: str, name: str) -> Composed:
    # The language of the builtin and the ICU provider has had two names.
    [(encoding, provider, collate, ctype, locale)] = server.execute(
        """
        select pg_encoding_to_char(encoding), datlocprovider, datcollate, datctype,
          coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
        from pg_database d where datname = %s
        """,
        [model],
    ).fetchall()
    parts = [
        # Not template1, in which somebody may have left things that the dump brings too.
        SQL("create database {} template template0").format(Identifier(name)),
        SQL("encoding {} lc_collate {} lc_ctype {}").format(
            Literal(encoding), Literal(collate), Literal(ctype)
        ),
    ]
    if provider == "i":
        parts.append(SQL("locale_provider icu icu_locale {}").format(Literal(locale)))
    elif provider == "b":
        parts.append(SQL("locale_provider builtin builtin_locale {}").format(Literal(locale)))
    else:
        parts.append(SQL("locale_provider libc").format())
    return SQL(" ").join(parts)


def _rights(server: psycopg.Connection[Any], model: str, name: str) -> Iterator[Composed]:
    """Who may connect, as in the old one; dumps do not hold that."""
    rows = server.execute(
        """
        select coalesce(nullif(grantee, 0)::regrole::text, ''), privilege_type
        from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) where datname = %s
        """,
        [model],
    ).fetchall()
    yield SQL("revoke all on database {} from public").format(Identifier(name))
    for grantee, privilege in rows:
        yield SQL("grant {} on database {} to {}").format(
            SQL(privilege), Identifier(name), Identifier(grantee) if grantee else SQL("public")
        )
