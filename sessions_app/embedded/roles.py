"""The roles, what each may do, and the database: for our own server and for one elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

SUPERUSER = "postgres"
OWNER = "sessions_owner"
RUNTIME = "sessions_runtime"
BACKUP = "sessions_backup"
DATABASE = "sessions"
# A database made from here starts with what this one holds.
TEMPLATE = "template1"

# What each role gets if the admin can give it: the tests make databases of their own, a back-up
# reads rows of everybody. The runtime role gets nothing, so that row policies hold for it.
RIGHTS = {OWNER: "CREATEDB", RUNTIME: "", BACKUP: "BYPASSRLS"}


@dataclass(frozen=True)
class RolesReport:
    """What `create_roles` did and found."""

    created: tuple[str, ...]
    # Sentences for the operator; empty when every role is as it should be.
    warnings: tuple[str, ...]


def create_roles(admin: Mapping[str, Any], passwords: Mapping[str, str]) -> RolesReport:
    """Create the roles that are missing; those that exist keep their passwords and rights.

    Args:
        admin: psycopg keyword arguments of a superuser, or of a role with CREATEROLE. What such a
            role cannot give (BYPASSRLS; from PostgreSQL 16 on also CREATEDB, unless it has that
            itself) is left out and reported.
        passwords: by role; needed for the roles that get created.

    Returns:
        The names of the created roles, and warnings about roles with too many or too few rights.

    Raises:
        KeyError: a role is missing and has no password in `passwords`.
        psycopg.Error: the admin cannot connect or may not create roles.
    """
    with _connect(admin) as connection:
        existing = _rights_of_roles(connection)
        missing = [role for role in RIGHTS if role not in existing]
        created = tuple(role for role in missing if _create_role(connection, role, passwords[role]))
        return RolesReport(created, tuple(_warnings(_rights_of_roles(connection))))


def grant_defaults(admin: Mapping[str, Any]) -> None:
    """Let the roles use what sessions_owner will create in the database of the connection.

    Args:
        admin: psycopg keyword arguments of a superuser, or of sessions_owner in a database that
            it owns. In template1 the rights reach every database made later.

    Raises:
        psycopg.Error: it cannot connect or may not grant.
    """
    with _connect(admin) as connection:
        # One execute without parameters is one transaction, so a kill leaves all or nothing.
        connection.execute(Path(__file__).with_name("privileges.sql").read_bytes())


def create_database(admin: Mapping[str, Any], name: str = DATABASE) -> bool:
    """Create the database of sessions_owner unless it exists, and close it to everybody else.

    Args:
        admin: psycopg keyword arguments of a superuser, or of a role that may create databases
            and is a member of sessions_owner; connected to another database than template1.
        name: of the database.

    Returns:
        Whether it had to be created.

    Raises:
        psycopg.Error: it cannot connect or may not create.
    """
    from psycopg.sql import SQL, Identifier

    names = {
        "database": Identifier(name),
        "owner": Identifier(OWNER),
        "users": SQL(", ").join(map(Identifier, (RUNTIME, BACKUP))),
    }
    with _connect(admin) as connection:
        missing = not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if missing:
            connection.execute(SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
        connection.execute(
            SQL(
                "REVOKE ALL ON DATABASE {database} FROM PUBLIC;"
                " GRANT CONNECT ON DATABASE {database} TO {users}"
            ).format(**names)
        )
        return missing


def _connect(admin: Mapping[str, Any]) -> psycopg.Connection[tuple[Any, ...]]:
    import psycopg

    # Autocommit, because CREATE DATABASE refuses to run in a transaction.
    return psycopg.connect(psycopg.conninfo.make_conninfo(**admin), autocommit=True)


def _create_role(connection: psycopg.Connection[Any], role: str, password: str) -> bool:
    from psycopg import errors

    try:
        try:
            _run_create_role(connection, role, RIGHTS[role], password)
        except errors.InsufficientPrivilege:
            if not RIGHTS[role]:
                raise
            _run_create_role(connection, role, "", password)
    except (errors.DuplicateObject, errors.UniqueViolation):
        return False  # another process was first
    return True


def _run_create_role(connection: psycopg.Connection[Any], role: str, right: str, password: str) -> None:
    from psycopg.sql import SQL, Identifier, Literal

    # Hashed here, so that the password itself cannot end up in a server's statement log.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    # The rights that are not named are off in every new role.
    connection.execute(
        SQL("CREATE ROLE {role} LOGIN {right} PASSWORD {verifier}").format(
            role=Identifier(role), right=SQL(right), verifier=Literal(verifier.decode())
        )
    )


def _rights_of_roles(connection: psycopg.Connection[Any]) -> dict[str, set[str]]:
    rows = connection.execute(
        "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
        " WHERE rolname = ANY(%s)",
        [list(RIGHTS)],
    )
    names = ("SUPERUSER", "CREATEROLE", "CREATEDB", "BYPASSRLS")
    return {role: {name for name, has in zip(names, flags, strict=True) if has} for role, *flags in rows}


def _warnings(existing: Mapping[str, set[str]]) -> list[str]:
    found = []
    for role, right in RIGHTS.items():
        wished = {right} - {""}
        has = existing.get(role, set())
        found += [f"The role {role} lacks {name}." for name in sorted(wished - has)]
        found += [f"The role {role} has {name} and should not." for name in sorted(has - wished)]
    return found
