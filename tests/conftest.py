"""The database of the tests, and the small cast everybody knows.

Ann owns the project Lighthouse, Bob is an editor of it, Vera a viewer; Zoe is an outsider with a
project of her own. Tests run as the run-time role under row level security, in transactions that
really commit; what they leave behind is cleared away as the owner.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
from django.db import connections
from django.db.backends.utils import CursorWrapper
from hypothesis import HealthCheck
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from sessions_app.db.rls import acting_as
from sessions_app.ledger import Actor
from sessions_app.models import Project, User
from tests import factories
from tests.prepared import make_database

# Tests that start processes and look at the clock: in two lines beside all the rest, where they mostly wait.
TOGETHER = {
    "processes": ("commands", "embedded", "migrations"),
    "browser": ("e2e", "mcp"),
}

# The longest files of the rest: one begun last is waited for while the other workers have nothing left.
LONGEST = (
    "tests/views/test_access.py",
    "tests/api/test_access.py",
    "tests/fuzz/test_openapi.py",
)

# The marks of pyproject.toml: what is off by default prints figures, and wants the machine for itself.
USUAL_MARKS = "not benchmark and not faults and not fuzz and not quick and not slow"

SLOW = "slow"

# A slow machine is no finding, and what one run makes up the next one makes up again.
_USUAL = hypothesis.settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis.settings.register_profile("usual", _USUAL)
hypothesis.settings.load_profile("usual")
# The long run looks elsewhere each time. Its name says how long tests/fuzz goes on: see tests/fuzz/budget.py.
hypothesis.settings.register_profile("long", _USUAL, derandomize=False)

# Filled by migrations, the same in every test.
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--keep-results", action="store_true", help="write docs/benchmarks.md from this run")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three at a time where everything runs; one where somebody wants to read figures or named a file.

    The quick cases wait for processes most of the time: three at a time as well. Of what is made up two: one
    process asks and another answers, so that one at a time leaves a processor idle half of the time.
    """
    is_everything = config.args_source != pytest.Config.ArgsSource.ARGS
    if is_everything and config.option.markexpr == "fuzz":
        return 2
    is_quick = config.option.markexpr == "quick" and config.args == ["tests/faults"]
    return 3 if is_quick or (is_everything and config.option.markexpr in (USUAL_MARKS, SLOW)) else 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The lines of TOGETHER first, then LONGEST: what is long and begun late is waited for at the end."""
    long = {folder for folders in TOGETHER.values() for folder in folders}

    def place(item: pytest.Item) -> int:
        file = item.nodeid.split("::")[0]
        return 0 if file.split("/")[1] in long else 1 if file in LONGEST else 2

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Python looks for garbage less often, and never among what was collected: that stays to the end.

    A migration makes each model's class anew for each of its steps; a fifth of its time went into it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """What a test left open is found in the last one at the latest: nobody is told what is found later."""
    if nextitem is None:
        gc.collect()


class ByFile(LoadScopeScheduling):
    """One worker takes a file's tests together, and those of each line in TOGETHER.

    Of the slow ones the files alone: hardly anything else would be beside those lines.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        if self.config.option.markexpr == SLOW:
            return file
        folder = file.split("/")[1]
        return next((line for line, folders in TOGETHER.items() if folder in folders), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Not xdist's own groups: they are written into the tests' names, which pytest 9.2 leaves alone."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def database_ready(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The test database, migrated by the owner; the run-time role gets its rights there."""
    with django_db_blocker.unblock():
        owner, runtime = connections["owner"], connections["default"]
        name = f"test_sessions_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        make_database(owner, name)
        runtime.close()
        runtime.settings_dict["NAME"] = name
        yield
        connections.close_all()


@pytest.fixture
def database(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database for one test: real commits as the run-time role, emptied afterwards."""
    with emptied_afterwards(django_db_blocker):
        yield


@contextmanager
def emptied_afterwards(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Let the database be used, and empty it at the end.

    Both connections stay open between tests: a new one costs as much as a small test.
    """
    with django_db_blocker.unblock():
        yield
        runtime, owner = connections["default"], connections["owner"]
        if runtime.in_atomic_block or not runtime.is_usable():
            runtime.close()
        with owner.cursor() as cursor:
            cursor.execute("select to_regproc('pg_temp.empty_all') is null")
            if cursor.fetchone()[0]:
                # The connection is a new one, and what is temporary went with the one before.
                _make_empty_all(cursor)
            cursor.execute("select pg_temp.empty_all()")


def _make_empty_all(cursor: CursorWrapper) -> None:
    """Make a function of this connection alone that empties the tables: so their deletes are planned once.

    Deleting from tables that hold a handful of rows is far quicker than truncating them; foreign keys are
    checked at the end, and without its counters a project may lose its owner. What another connection still
    holds is an error of the test, not a reason to wait for ever.
    """
    tables = sorted(_tables(cursor), key=lambda table: table != '"project_counters"')
    deletes = "".join(f"delete from {table};" for table in tables)
    cursor.execute(
        "create function pg_temp.empty_all() returns void language plpgsql set lock_timeout = '20s'"
        f" as $$ begin {deletes} end $$"
    )


def _tables(cursor: CursorWrapper) -> list[str]:
    cursor.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and not relispartition"
    )
    return [f'"{row[0]}"' for row in cursor.fetchall() if row[0] not in KEPT_TABLES]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every system user may pass through, as pytest's own is for root only."""
    folder = Path(tempfile.mkdtemp(prefix="leftoff-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@dataclass
class Cast:
    ann: User
    bob: User
    vera: User
    zoe: User
    project: Project  # Lighthouse: Ann, Bob, Vera
    other: Project  # Zoe's own

    def actor(self, name: str) -> Actor:
        return Actor.person(getattr(self, name))


@pytest.fixture
def cast(database: None) -> Cast:
    """Ann, Bob, Vera, Zoe, and the two projects."""
    ann, bob, vera, zoe = (factories.user(name) for name in ("Ann", "Bob", "Vera", "Zoe"))
    project = factories.project(ann, "Lighthouse", editors=[bob], viewers=[vera])
    return Cast(ann, bob, vera, zoe, project, factories.project(zoe, "Zoe's own"))


@pytest.fixture
def as_ann(cast: Cast) -> Iterator[Cast]:
    """One transaction in which Ann acts."""
    with acting_as(cast.ann.id):
        yield cast
