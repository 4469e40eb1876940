"""0011 and 0012: three tables by months and plain again, with their rows, while the release before writes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from sessions_app.db import queries
from sessions_app.db.catalog import schema
from sessions_app.models import Membership, Project, User
from tests.db.tools import column, connect, owner_rows
from tests.migrations.test_migrations import migrate

pytestmark = pytest.mark.migrations

BEFORE, AFTER = "0010_answer_state", "0012_by_month"
TABLES = ("tracked_activities", "agent_activities", "metric_samples")

TRACK = """
insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at)
select %(project)s, %(user)s, 'k', '{}', n, now() - make_interval(days => n)
from generate_series(1, %(rows)s) as n
returning id::text
"""
REPORT = """
insert into agent_activities (id, project_id, agent_type, action, details, received_at, failure)
values (gen_random_uuid(), %(project)s, 'Scout', 'looks', '{}', now(), '') returning id::text
"""
FOLD = "update agent_activities set digested_version = 1 where id::text = %(id)s and digested_version is null"
SAMPLE = {"metric": "jobs", "labels": "", "total": 1, "observations": 1, "most": 1, "classes": [1]}


def rows() -> dict[str, list[str]]:
    """Every row of the three tables, as the owner reads them."""
    return {table: sorted(column(f"select to_jsonb(t)::text from {table} t")) for table in TABLES}


def a_project() -> tuple[UUID, UUID]:
    """A project and its owner."""
    ann = User.objects.using("owner").create(email="ann@example.org")
    project = Project.objects.using("owner").create(title="Lighthouse", created_by=ann)
    Membership.objects.using("owner").get_or_create(project=project, user=ann, defaults={"role": "owner"})
    return project.id, ann.id


def write_once(
    line: psycopg.Connection[tuple[str]], project: UUID, user: UUID, *, rows: int = 1
) -> tuple[list[str], str]:
    """What the release before does with the three tables; returns the ids of its rows and report."""
    some = {"project": project, "user": user, "rows": rows}
    samples = [
        SAMPLE | {"resolution": resolution, "at": at}
        for resolution, at in (("minute", "now"), ("ever", "2000-01-01T00:00Z"))
    ]
    with line.transaction():
        line.execute("select set_config('app.projects', %s, true)", [f"{{{project}}}"])
        tracked = [number for (number,) in line.execute(TRACK, some)]
        [(reported,)] = line.execute(REPORT, some).fetchall()
    with line.transaction():
        line.execute("select set_config('app.projects', %s, true)", [f"{{{project}}}"])
        assert line.execute(FOLD, {"id": reported}).rowcount == 1
        line.execute(queries.text("keep_samples"), {"samples": json.dumps(samples)})
    return tracked, reported


@contextmanager
def written_meanwhile(write: Callable[[psycopg.Connection[tuple[str]]], None]) -> Iterator[None]:
    """Two who write again and again beside the block; an error of theirs is one of the block's."""
    stop = threading.Event()

    def go_on() -> None:
        with connect() as line:
            while not stop.is_set():
                write(line)
                stop.wait(0.005)

    with ThreadPoolExecutor(2) as pool:
        writing = [pool.submit(go_on) for _ in range(2)]
        try:
            yield
        finally:
            stop.set()
    for one in writing:
        one.result()


def test_every_row_is_there_before_and_after(migrated: BaseDatabaseWrapper) -> None:
    """There and back, to the value; numbers go on where they were, and the plain tables are as they were."""
    migrate("sessions_app", BEFORE)
    plain, (project, user) = schema(migrated), a_project()
    with connect() as line:
        written, _ = write_once(line, project, user, rows=500)
        kept = rows()
        assert {table: len(found) for table, found in kept.items()} == {
            "tracked_activities": 500,
            "agent_activities": 1,
            "metric_samples": 2,
        }
        migrate("sessions_app", AFTER)
        assert rows() == kept
        assert set(column("select tableoid::regclass::text from tracked_activities")) == {
            "tracked_activities_before"
        }
        more, _ = write_once(line, project, user)
        assert int(more[0]) == max(map(int, written)) + 1
        kept = rows()
        migrate("sessions_app", BEFORE)
        assert rows() == kept
        last, _ = write_once(line, project, user)
        assert int(last[0]) == int(more[0]) + 1
    assert schema(migrated) == plain


def test_the_release_before_writes_meanwhile(migrated: BaseDatabaseWrapper) -> None:
    """Nothing it was told is kept is lost, nothing is there twice, and it meets no error."""
    migrate("sessions_app", BEFORE)
    project, user = a_project()
    tracked: list[str] = []
    reported: list[str] = []

    def write(line: psycopg.Connection[tuple[str]]) -> None:
        some, one = write_once(line, project, user)
        tracked.extend(some)
        reported.append(one)

    for where in (AFTER, BEFORE, AFTER):
        with written_meanwhile(write):
            migrate("sessions_app", where)
    assert sorted(column("select id::text from tracked_activities")) == sorted(tracked)
    digested = "select id::text from agent_activities where digested_version = 1"
    assert sorted(column(digested)) == sorted(reported)
    assert owner_rows("select resolution, sum(total)::int from metric_samples group by 1 order by 1") == [
        ("ever", len(reported)),
        ("minute", len(reported)),
    ]
