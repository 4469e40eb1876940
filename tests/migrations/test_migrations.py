"""The schema from nothing, back to nothing, and again: the same; and nothing that is not migrated."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from sessions_app.db.catalog import Schema, schema
from sessions_app.db.operations import SQL_DIR
from sessions_app.models import Blocker, Project, SessionAnalytics, User
from sessions_app.models.projects import TITLE_MAX_CHARACTERS

pytestmark = pytest.mark.migrations

APP_DIR = SQL_DIR.parent
MIGRATIONS = sorted((APP_DIR / "migrations").glob("[0-9]*.py"))


def ours(names: Iterable[str]) -> list[str]:
    """What our own migrations made: not Django's, nor the queue's (its jobs hold no project's rows)."""
    return [name for name in names if not re.match(r"(auth|django|procrastinate)_", name)]


def lasting(found: Schema) -> Schema:
    """A schema without the partitions of months, and without their times: a matter of the day."""
    return {
        kind: {name: told for name, told in things.items() if not re.search(r"_\d{4}_\d\d", name)}
        for kind, things in found.items()
        if kind != "partitions"
    }


def migrate(*where: str) -> None:
    call_command("migrate", *where, verbosity=0, interactive=False, skip_checks=True)


@pytest.mark.slow
def test_the_tests_run_on_what_is_made_from_nothing(
    from_nothing: BaseDatabaseWrapper, name_of_the_tests: str
) -> None:
    """The database of all other tests is what an installation gets, not a shortcut of it."""
    migrate()
    fresh = schema(from_nothing)
    from_nothing.close()
    from_nothing.settings_dict["NAME"] = name_of_the_tests
    assert lasting(schema(from_nothing)) == lasting(fresh)


@pytest.mark.slow
def test_backward_and_forward_is_the_same(migrated: BaseDatabaseWrapper) -> None:
    """Each file undoes all it did, and does it again; nothing of ours stays behind in between."""
    first = schema(migrated)
    assert {"user_sessions", "session_analytics", "project_counters"} <= first["tables"].keys()
    assert "get_session_summary(uuid,uuid,timestamp with time zone)" in first["functions"]

    migrate("sessions_app", "zero")
    bare = schema(migrated)
    assert ours(bare["tables"]) == [], "tables that stayed"
    for kind in ("functions", "triggers", "policies"):
        assert ours(bare[kind]) == [], f"{kind} that stayed"
    assert [grant for grant in bare["grants on tables"] if "sessions_runtime" in grant] == []

    migrate()
    second = schema(migrated)
    for kind, things in first.items():
        assert second[kind].keys() == things.keys(), kind
        assert {n: t for n, t in second[kind].items() if t != things[n]} == {}, kind


@pytest.mark.slow
def test_a_release_that_was_used_can_be_taken_back(migrated: BaseDatabaseWrapper) -> None:
    """What only the newer one knows how to say is cut, or told anew by the older one."""
    ann = User.objects.using("owner").create(email="ann@example.org")
    project = Project.objects.using("owner").create(title="Lighthouse", created_by=ann)
    Blocker.objects.using("owner").create(
        project=project,
        type="decision",
        source="person",
        text="The lamp comes first",
        fingerprint="lamp",
        status="cleared",
        ended_how=f"“{'é' * TITLE_MAX_CHARACTERS}” was decided",
    )
    SessionAnalytics.objects.using("owner").create(project=project, user=ann, computed_version=1)

    migrate("sessions_app", "0004_doors")
    with migrated.cursor() as cursor:
        cursor.execute("select b.ended_how, a.computed_version from blockers b, session_analytics a")
        assert cursor.fetchall() == [("“" + "é" * 39, -1)]


@pytest.mark.slow
def test_a_queue_that_came_later_has_the_same_rights(migrated: BaseDatabaseWrapper) -> None:
    """A database of before there were jobs ends up as one that is made today."""
    today = schema(migrated)
    with migrated.cursor() as cursor:
        cursor.execute("drop schema public cascade; create schema public")
    migrate("sessions_app")
    assert "procrastinate_jobs" not in schema(migrated)["tables"]
    migrate()
    assert {kind: things == today[kind] for kind, things in schema(migrated).items()} == dict.fromkeys(
        today, True
    )


def test_a_second_run_does_nothing(migrated: BaseDatabaseWrapper) -> None:
    """Migrating twice is fine: a deploy that is repeated changes nothing."""
    once = schema(migrated)
    said = io.StringIO()
    call_command("migrate", verbosity=1, stdout=said, no_color=True, skip_checks=True)
    assert "No migrations to apply" in said.getvalue()
    assert schema(migrated) == once


def test_models_and_migrations_agree(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Nobody changed a model and forgot its migration."""
    said = io.StringIO()
    with django_db_blocker.unblock():
        try:
            call_command("makemigrations", check=True, dry_run=True, stdout=said, skip_checks=True)
        except SystemExit:
            pytest.fail(said.getvalue())
        finally:
            connections.close_all()


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_imports_no_code_of_the_app(path: Path) -> None:
    """What a migration did then, it does always: the app's code of today has no say in it."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            imported.add(node.module or "")
    ours = {name for name in imported if name.split(".")[0] in ("sessions_app", "config", "tests")}
    assert ours <= {"sessions_app.db.operations"}


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_says_what_it_does(path: Path) -> None:
    """And its numbers follow one another, each after the one before."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert path.name.startswith(f"{MIGRATIONS.index(path) + 1:04d}_")


def run_by_migrations() -> list[str]:
    """The files that migrations run, by name, in order."""
    return [
        name
        for path in MIGRATIONS
        for name in re.findall(r"""RunSQLFile\(\s*["']([^"']+)["']""", path.read_text(encoding="utf-8"))
    ]


def test_every_sql_file_is_run_by_somebody() -> None:
    """By one migration, with the file that takes it back; or by the code, from sql/queries/."""
    files = {path.relative_to(SQL_DIR).as_posix() for path in SQL_DIR.rglob("*.sql")}
    migrated = run_by_migrations()
    assert len(migrated) == len(set(migrated)), "a file is run twice"
    queried = {
        name
        for path in APP_DIR.rglob("*.py")
        for name in re.findall(
            r"""(?:queries\.(?:rows|text)|by_place)\(\s*["']([^"']+)["']""", path.read_text(encoding="utf-8")
        )
    }
    expected = {f"{name}{end}" for name in migrated for end in (".sql", ".down.sql")}
    expected |= {f"queries/{name}.sql" for name in queried}
    assert files == expected


def test_a_file_that_a_migration_runs_has_a_version() -> None:
    """A shipped file is never edited: the next one is _v2."""
    assert [name for name in run_by_migrations() if not re.search(r"_v[1-9][0-9]*$", name)] == []


def test_every_sql_file_says_why() -> None:
    """Its first line is a comment; what only takes back says enough by its name."""
    silent = [
        path.name
        for path in SQL_DIR.rglob("*.sql")
        if not path.name.endswith(".down.sql") and not path.read_text(encoding="utf-8").startswith("-- ")
    ]
    assert silent == []
