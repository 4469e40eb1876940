"""The product as its own processes, each test with a data folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections

from sessions_app import embedded
from sessions_app.management.backup import addresses
from sessions_app.management.backup.databases import drop_by_force
from tests.prepared import install
from tests.running import ROOT, Browser, environment, first_owner, free_port
from tests.waiting import wait_until

# What a person who presses Ctrl-C waits for, and whoever replaces a release.
STOP_SECONDS = 15
START_SECONDS = 180
# Each worker of the tests has one of its own.
SCRATCH = f"test_scratch_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
OWNER_MAIL, PASSWORD = "olga@example.org", "correct horse battery"


def pids_using(data_dir: Path) -> set[int]:
    """The PostgreSQL processes of a data folder, the server's children included."""
    server = postmaster(data_dir)
    if server is None:
        return set()
    found, proc = {server}, Path("/proc")
    # Where there is no /proc the server's children are its own affair.
    for entry in proc.iterdir() if proc.is_dir() else ():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == server:
                found.add(int(entry.name))
    return found


def programs_on(data_dir: Path) -> set[int]:
    """The processes of the product that were started on a data folder, PostgreSQL's own not among them."""
    setting, found, proc = f"DATA_DIR={data_dir}".encode(), set(), Path("/proc")
    for entry in proc.iterdir() if proc.is_dir() else ():
        with suppress(OSError):
            if entry.name.isdigit() and setting in (entry / "environ").read_bytes().split(b"\0"):
                found.add(int(entry.name))
    return found


def postmaster(data_dir: Path) -> int | None:
    """The pid of a data folder's running server, or None."""
    return embedded.status(data_dir / "postgres").pid


@dataclass
class Serving:
    """A `manage.py serve` (or demo) that was started, and what it said so far."""

    data_dir: Path
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> Serving:
        """Until it says where it is, or the reason why it is not."""
        until = time.monotonic() + START_SECONDS
        while "Ctrl-C stops it" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)
        return self

    def stop(self, how: signal.Signals) -> int:
        """Send the signal and wait; returns the exit code."""
        self.process.send_signal(how)
        return self.process.wait(timeout=STOP_SECONDS)

    def first_owner(self) -> Browser:
        """Make the first account by the printed link."""
        return first_owner(self.base, self.log, OWNER_MAIL, "Olga", PASSWORD)

    def sign_in(self) -> Browser:
        """A new browser in which the first owner is signed in."""
        browser = Browser(self.base)
        browser.sign_in(OWNER_MAIL, PASSWORD)
        return browser


class Installation:
    """One data folder, and the processes a test starts on it."""

    def __init__(self, data_dir: Path, **more: str) -> None:
        self.data_dir, self.more, self.started = data_dir, more, list[Serving]()

    def start(self, command: str = "serve", *arguments: str, port: int = 0, **more: str) -> Serving:
        """Start the server in the background."""
        port = port or free_port()
        log = self.data_dir.parent / f"log-{len(self.started)}"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "manage.py", command, "--port", str(port), *arguments],
                cwd=ROOT,
                env=environment(self.data_dir, **self.more, **more),
                stdout=out,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal of the tests is not for it.
                start_new_session=True,
            )
        self.started.append(Serving(self.data_dir, process, port, log))
        return self.started[-1]

    def serve(self, *arguments: str, **more: str) -> Serving:
        """Start it and wait until it answers."""
        return self.start("serve", *arguments, **more).wait_until_ready()

    def database(self, role: str = embedded.OWNER) -> psycopg.Connection[Any]:
        """A look at its database, beside the product."""
        server = embedded.ensure_running(self.data_dir / "postgres")
        return psycopg.connect(**server.params(role, embedded.DATABASE), autocommit=True)

    def clean_up(self) -> None:
        """End what still runs."""
        for serving in self.started:
            if serving.process.poll() is None:
                serving.process.kill()
                serving.process.wait()
        # A worker outlives its killed server by a moment, in which it may start the database again.
        kill(programs_on(self.data_dir))
        embedded.stop(self.data_dir / "postgres")


def _home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="leftoff-"))
    # The server's own system user must be able to pass through.
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def empty() -> Iterator[Installation]:
    """A folder in which nothing was ever started."""
    for home in _home():
        installation = Installation(home / "data", EMBEDDED_POSTGRES_FAST_UNSAFE="1")
        yield installation
        installation.clean_up()


@pytest.fixture
def installed() -> Iterator[Installation]:
    """An installation without an account."""
    for home in _home():
        install(home / "data")
        installation = Installation(home / "data", EMBEDDED_POSTGRES_FAST_UNSAFE="1")
        yield installation
        installation.clean_up()


def kill(pids: set[int]) -> None:
    """Kill at once, with no chance to tidy up; waits until they are gone."""
    for pid in pids:
        # The database's own processes end by themselves with their parent, sometimes before their turn.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: all(_is_gone(pid) for pid in pids))


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture(scope="module")
def scratch(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Both connections lead to an empty copy of the tests' database, which a restore may replace."""
    with django_db_blocker.unblock():
        owner, runtime = connections["owner"], connections["default"]
        connections.close_all()
        usual = runtime.settings_dict["NAME"]
        with addresses.owner().to("postgres").connect() as server:
            drop_all(server)
            server.execute(f"create database {SCRATCH} template {usual}")
        owner.settings_dict["NAME"] = runtime.settings_dict["NAME"] = SCRATCH
        try:
            yield
        finally:
            connections.close_all()
            owner.settings_dict["NAME"] = runtime.settings_dict["NAME"] = usual
            ContentType.objects.clear_cache()
            with addresses.owner().to("postgres").connect() as server:
                drop_all(server)


def scratch_databases(server: psycopg.Connection[Any]) -> list[str]:
    found = server.execute(
        "select datname from pg_database where datname like %s order by 1", [f"{SCRATCH}%"]
    )
    return [name for (name,) in found]


def drop_all(server: psycopg.Connection[Any]) -> None:
    for name in scratch_databases(server):
        drop_by_force(server, name)
