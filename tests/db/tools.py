"""Several people at once, statements that may be refused, and connections of one's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from sessions_app.db.retry import sqlstate
from sessions_app.db.rls import acting_as
from sessions_app.models import AgentToken
from tests.conftest import Cast

T = TypeVar("T")

# SQLSTATEs by the names PostgreSQL's manual gives them.
INSUFFICIENT_PRIVILEGE = "42501"
UNIQUE_VIOLATION = "23505"
CHECK_VIOLATION = "23514"


def in_threads(*jobs: Callable[[], T]) -> list[T]:
    """Run the jobs at the same moment, each in a thread with a connection of its own.

    Returns what they return; raises the first error when all are done.
    """
    together = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        try:
            together.wait(timeout=30)
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(run, job) for job in jobs]
    return [future.result() for future in futures]


@contextmanager
def sampled(look: Callable[[psycopg.Connection[Any]], T], every_seconds: float) -> Iterator[list[T]]:
    """What the owner sees, looked at again and again beside the block; to be read after it."""
    seen: list[T] = []
    stop = threading.Event()

    def watch() -> None:
        with connect("owner") as watcher:
            while True:
                seen.append(look(watcher))
                if stop.wait(every_seconds):
                    return

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        try:
            yield seen
        finally:
            stop.set()
    watching.result()


def connect(alias: str = "default") -> psycopg.Connection[Any]:
    """A plain psycopg connection to the test database, as the run-time role or the owner."""
    params = connections[alias].get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port", "options")
    return psycopg.connect(**{key: params[key] for key in wanted if key in params}, autocommit=True)


def attempt(sql: str, *parameters: object) -> int | str:
    """What comes of a statement: how many rows it touched, or the SQLSTATE it was refused with."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.rowcount
    except DatabaseError as error:
        return sqlstate(error)


def owner_rows(sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What the owner reads, whatever row security hides from others."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall()


def column(sql: str, *parameters: object) -> list[Any]:
    """The first column of what the owner reads."""
    return [row[0] for row in owner_rows(sql, *parameters)]


def rows_touched(cursor: CursorWrapper, tables: str) -> int:
    """How many rows of these tables (a regular expression) its transaction has read, whole or by an index."""
    cursor.execute(
        "select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))"
        " from pg_stat_xact_user_tables where relname ~ %s",
        [tables],
    )
    return int(cursor.fetchone()[0])


def project_tables() -> list[str]:
    """Every table that holds a project's rows, found in the catalog: a new one is there by itself.

    Partitions are judged apart: nobody but the owner reaches one."""
    return column(
        """
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and a.attname = 'project_id' and not a.attisdropped
        order by c.relname
        """
    )


def copy_of_a_row(table: str, project_id: UUID) -> str:
    """A row of this project under a new key, as JSON."""
    name = "id" if table == "projects" else "project_id"
    [[row]] = owner_rows(f"select to_jsonb(t) from {table} t where {name} = %s limit 1", project_id)
    copy = json.loads(row) if isinstance(row, str) else row
    # Made by the database from the others; nobody may give it.
    copy.pop("search", None)
    if "id" in copy:
        copy["id"] = 10**15 if isinstance(copy["id"], int) else str(uuid4())
    return json.dumps(copy)


def token_of(cast: Cast, **fields: object) -> UUID:
    """The id of a new agent token of Lighthouse."""
    with acting_as(cast.ann.id):
        return AgentToken.objects.create(
            project=cast.project,
            agent_type="QuestionerAgent",
            token_hash=uuid4().hex,
            created_by=cast.ann,
            **fields,
        ).id


def deadlocks() -> int:
    """How many deadlocks this database has seen."""
    return int(column("select deadlocks from pg_stat_database where datname = current_database()")[0])


def is_somebody_waiting() -> bool:
    """Whether somebody waits for a lock in this database."""
    with connection.cursor() as cursor:
        # Other runs wait for locks of their own on the same server.
        cursor.execute(
            "select exists (select from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database())"
        )
        return bool(cursor.fetchone()[0])
