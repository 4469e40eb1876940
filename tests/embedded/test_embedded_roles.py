"""Who may do what."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from embedded_tools import query

from sessions_app.embedded import BACKUP, OWNER, RUNTIME, Server, create_roles, ensure_running, stop

ADMIN = "limited_admin"


@pytest.fixture(params=["sessions", "test_sessions_gw0"])
def database(shared: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """The app's database, and one that the owner makes as the tests of the app do."""
    made = request.param != "sessions"
    if made:
        query(shared, f"CREATE DATABASE {request.param}", database="postgres")
    yield request.param
    if made:
        query(shared, f"DROP DATABASE {request.param} WITH (FORCE)", database="postgres")
    else:
        query(shared, "DROP TABLE items; DROP SEQUENCE counting; DROP FUNCTION twice")


def test_rights_of_the_roles(shared: Server) -> None:
    rows = query(
        shared,
        "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolreplication, rolcreatedb, rolbypassrls"
        " FROM pg_roles WHERE rolname LIKE 'sessions%' ORDER BY 1",
    )
    assert rows == [
        (BACKUP, True, False, False, False, False, True),
        (OWNER, True, False, False, False, True, False),
        (RUNTIME, True, False, False, False, False, False),
    ]


def test_database_and_schema_belong_to_the_owner(shared: Server) -> None:
    assert query(
        shared,
        "SELECT datdba::regrole::text, (SELECT nspowner::regrole::text FROM pg_namespace"
        " WHERE nspname = 'public') FROM pg_database WHERE datname = 'sessions'",
    ) == [(OWNER, OWNER)]
    assert query(
        shared,
        "SELECT has_database_privilege('public', 'sessions', 'CONNECT'),"
        " has_database_privilege('public', 'sessions', 'TEMP'),"
        " has_schema_privilege('public', 'public', 'USAGE'),"
        " has_schema_privilege('public', 'public', 'CREATE')",
    ) == [(False, False, False, False)]


def test_later_tables_reach_the_app_and_the_back_up(shared: Server, database: str) -> None:
    query(
        shared,
        "CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY, title text);"
        "CREATE SEQUENCE counting;"
        "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql RETURN n * 2;",
        database=database,
    )

    def app(sql: str) -> list[tuple]:
        return query(shared, sql, role=RUNTIME, database=database)

    app("INSERT INTO items (title) VALUES ('first'), ('second')")
    app("UPDATE items SET title = 'changed' WHERE id = 1")
    app("DELETE FROM items WHERE id = 2")
    assert app("SELECT title, twice(21), nextval('counting') FROM items") == [("changed", 42, 1)]

    assert query(shared, "SELECT title FROM items", role=BACKUP, database=database) == [("changed",)]
    assert query(shared, "SELECT last_value FROM counting", role=BACKUP, database=database) == [(1,)]


@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE TABLE mine ()",
        "CREATE TEMP TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "TRUNCATE items",
        "ALTER TABLE items DISABLE ROW LEVEL SECURITY",
        "CREATE ROLE mine",
        f"SET ROLE {OWNER}",
    ],
)
def test_the_app_cannot(shared: Server, forbidden: str) -> None:
    query(shared, "CREATE TABLE IF NOT EXISTS items (title text)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(shared, forbidden, role=RUNTIME)


@pytest.mark.parametrize(
    "forbidden", ["INSERT INTO items VALUES ('x')", "CREATE TABLE mine ()", "SELECT f()"]
)
def test_the_back_up_cannot(shared: Server, forbidden: str) -> None:
    query(
        shared,
        "CREATE TABLE IF NOT EXISTS items (title text);"
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(shared, forbidden, role=BACKUP)


def test_row_policies_hold_for_the_app_and_not_for_the_back_up(shared: Server) -> None:
    query(
        shared,
        "CREATE TABLE hidden (word text); INSERT INTO hidden VALUES ('x');"
        "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY",
    )
    assert query(shared, "SELECT * FROM hidden", role=RUNTIME) == []
    assert query(shared, "SELECT * FROM hidden", role=BACKUP) == [("x",)]


def test_wrong_password_is_refused(shared: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**shared.params(RUNTIME, "sessions"), "password": "guess"})


def test_admin_who_is_no_superuser_creates_what_it_can(used_dir: Path) -> None:
    server = ensure_running(used_dir)
    roles = ", ".join((OWNER, RUNTIME, BACKUP))
    query(server, "DROP DATABASE sessions", role="postgres", database="postgres")
    query(
        server,
        f"REASSIGN OWNED BY {OWNER} TO postgres;"
        # One by one: together PostgreSQL 18.4 looks twice for the same default rights and fails.
        f"DROP OWNED BY {BACKUP}; DROP OWNED BY {RUNTIME}; DROP OWNED BY {OWNER}; DROP ROLE {roles};"
        f"CREATE ROLE {ADMIN} LOGIN CREATEROLE CREATEDB PASSWORD 'known'",
        role="postgres",
        database="template1",
    )
    admin = {**server.params("postgres", "postgres"), "user": ADMIN, "password": "known"}
    passwords = {role: server.password_of(role) for role in (OWNER, RUNTIME, BACKUP)}

    report = create_roles(admin, passwords)
    assert report.created == (OWNER, RUNTIME, BACKUP)
    assert report.warnings == (f"The role {BACKUP} lacks BYPASSRLS.",)
    assert create_roles(admin, {}).created == ()

    # The next start brings back what else is missing, and the passwords are those given.
    said: list[str] = []
    ensure_running(used_dir, say=said.append)
    assert said == [f"The role {BACKUP} lacks BYPASSRLS."]
    assert query(server, "SELECT 1", role=RUNTIME) == [(1,)]
    stop(used_dir)
