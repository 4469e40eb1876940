"""A database of its own with much in it: kinds of projects, each as often as is asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections

from sessions_app.embedded.passwords import read_passwords
from sessions_app.embedded.place import Place
from sessions_app.embedded.roles import SUPERUSER
from sessions_app.management.backup.databases import drop_by_force
from tests import factories
from tests.conftest import Cast
from tests.prepared import make_database

_FILL, _FILL_ROLLUPS = (
    (Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("fill.sql", "fill_rollups.sql")
)
# Their indexes are built when all is in: that takes a third of the time.
_BUILT_AFTER = ("activities", "items", "messages", "user_sessions")
# Open questions and as many open blockers of the first project, and input that waits there.
_OPEN, _WAITING = 20, 1_000


@dataclass(frozen=True)
class Kind:
    """Projects of one kind: a ledger row for each item and round, sessions of each member."""

    items: int = 50
    rounds: int = 10
    members: int = 4
    sessions: int = 20
    times: int = 1


USUAL_ROUNDS = 90
# Ten million ledger rows, of which a million are one project's; and what shows the same in some seconds.
LARGE = (Kind(items=100_000, members=500), Kind(rounds=USUAL_ROUNDS, times=2_000))
SMALL = (Kind(items=6_000, members=100), Kind(rounds=USUAL_ROUNDS, times=30))


@dataclass(frozen=True)
class Grown:
    """The cast, whose Lighthouse is the first project, and the ids of all, in the order of the kinds."""

    cast: Cast
    projects: Sequence[UUID]


@contextmanager
def grown(kinds: Sequence[Kind], *, rolled_up: bool = True) -> Iterator[Grown]:
    """Lead both connections to a new database with these; afterwards back, and it is dropped.

    To roll up many projects takes longer than to fill them: only where figures are asked for.
    """
    runtime, owner = connections["default"], connections["owner"]
    before = runtime.settings_dict["NAME"]
    name = f"test_grown_{os.getpid()}"
    runtime.close()
    make_database(owner, name)
    runtime.settings_dict["NAME"] = name
    try:
        ann, bob, vera, zoe = (factories.user(each) for each in ("Ann", "Bob", "Vera", "Zoe"))
        project = factories.project(ann, "Lighthouse", editors=[bob], viewers=[vera])
        cast = Cast(ann, bob, vera, zoe, project, factories.project(zoe, "Zoe's own"))
        with _superuser(name) as cursor:
            projects = _fill(cursor, cast, kinds, rolled_up)
        yield Grown(cast, projects)
    finally:
        connections.close_all()
        runtime.settings_dict["NAME"] = owner.settings_dict["NAME"] = before
        with owner._nodb_cursor() as cursor:
            drop_by_force(cursor.connection, name)


@contextmanager
def _superuser(name: str) -> Iterator[psycopg.Cursor[Any]]:
    """Whom no policy, no trigger and no limit of time binds."""
    runtime = connections["default"]
    password = read_passwords(Place(runtime.settings_dict["EMBEDDED_DATA_DIR"]))[SUPERUSER]
    given = runtime.get_connection_params()
    login = {"host": given["host"], "port": given["port"], "user": SUPERUSER, "password": password}
    with psycopg.connect(**login, dbname=name, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set maintenance_work_mem = '256MB'")
        yield psycopg.ClientCursor(connection)


def _fill(cursor: psycopg.Cursor[Any], cast: Cast, kinds: Sequence[Kind], rolled_up: bool) -> list[UUID]:
    cursor.execute(
        """
        select indexname, indexdef from pg_indexes
        where schemaname = 'public' and tablename = any(%s)
          and not exists (select from pg_constraint where conname = indexname)
        """,
        [list(_BUILT_AFTER)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f"drop index {name}")
    cursor.execute(
        _FILL,
        {
            "kinds": json.dumps([asdict(kind) | {"place": place} for place, kind in enumerate(kinds)]),
            "users": max(kind.members + kind.times * 5 for kind in kinds),
            "first": cast.project.id,
            "cast": [cast.ann.id, cast.bob.id, cast.vera.id],
            "open": _OPEN,
            "waiting": _WAITING,
        },
    )
    for _name, definition in indexes:
        cursor.execute(definition)
    cursor.execute("analyze")
    if rolled_up:
        cursor.execute(_FILL_ROLLUPS)
    projects = [row[0] for row in cursor.execute("select id from places order by n").fetchall()]
    cursor.execute("drop table places")
    cursor.execute("vacuum analyze")
    return projects
