"""The worker as a process: alone and beside the server, killed, stopped, and with its database away."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

from tests.commands import traces
from tests.commands.conftest import Installation, Serving, kill, postmaster
from tests.running import ROOT, environment, manage

T = TypeVar("T")

SOON_SECONDS = 30


def until(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """Look again and again until it is as wanted; returns what was seen then."""
    end = time.monotonic() + SOON_SECONDS
    while not wanted(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.1)
    return seen


def worker_of(serving: Serving) -> int:
    """The pid of the worker that a server started."""
    children = Path(f"/proc/{serving.process.pid}/task").glob("*/children")
    for pid in b" ".join(map(_told, children)).split():
        if b"worker" in _told(Path(f"/proc/{int(pid)}/cmdline")):
            return int(pid)
    return 0


def _told(file: Path) -> bytes:
    """What the system tells of a process or a thread; nothing of one that ended meanwhile."""
    with suppress(OSError):
        return file.read_bytes()
    return b""


@pytest.mark.slow
def test_the_worker_ends_with_its_server_and_is_started_again_without_it(installed: Installation) -> None:
    serving = installed.serve(**traces.WITH_BAD_JOBS)
    first = until(lambda: worker_of(serving), bool)
    kill({first})
    second = until(lambda: worker_of(serving), lambda pid: pid not in (0, first))
    kill({serving.process.pid})
    serving.process.wait()
    until(lambda: Path(f"/proc/{second}/cmdline").exists(), lambda there: not there)
    without = installed.serve("--no-worker")
    assert worker_of(without) == 0
    assert without.stop(signal.SIGTERM) == 0


def test_a_worker_alone_works_for_all_and_stops_when_asked(installed: Installation, tmp_path: Path) -> None:
    """It keeps the database up that it uses, and takes it along when it was the last."""
    serving = installed.serve("--no-worker")
    traces.make(installed.database)
    olga = serving.first_owner()
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=environment(installed.data_dir, **installed.more, **traces.WITH_BAD_JOBS),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        # A mail is read in the terminal of whoever runs the worker.
        olga.post("/account/password/reset/", {"email": "olga@example.org"})
        until(log.read_text, lambda text: "/account/password/reset/key/" in text)
        traces.enqueue(installed.database, ("hang", {}), ("leave_trace", {"number": 1}))
        until(lambda: traces.seen(installed.database), lambda seen: seen == {1: 1})
        assert serving.stop(signal.SIGTERM) == 0
        assert postmaster(installed.data_dir) is not None
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(15) == 0
    finally:
        worker.kill()
        worker.wait()
    assert postmaster(installed.data_dir) is None
    assert not re.search("Traceback.*(?<!Overdue)$", log.read_text())


def test_a_worker_on_an_empty_folder_says_what_is_missing(empty: Installation) -> None:
    run = manage(empty.data_dir, "worker", check=False, **empty.more)
    assert run.returncode == 1
    assert f"There is no database in {empty.data_dir / 'postgres'} yet." in run.stderr
    assert "Traceback" not in run.stderr
    assert not (empty.data_dir / "postgres").exists()
