"""The worker as a process: alone and beside the server, killed, stopped, and with its database away."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sessions_app import embedded
from tests.commands.conftest import Installation, Serving, kill, pids_using, postmaster
from tests.running import ROOT, Browser, environment, manage

T = TypeVar("T")

WITH_BAD_JOBS = {"DJANGO_SETTINGS_MODULE": "tests.commands.worker_settings"}
SOON_SECONDS = 30


def until(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """Look again and again until it is as wanted; returns what was seen then."""
    end = time.monotonic() + SOON_SECONDS
    while not wanted(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.1)
    return seen


def with_traces(installed: Installation) -> None:
    """Make the table in which good jobs leave their trace."""
    with installed.database() as oracle:
        oracle.execute("create table if not exists traces (number integer)")


def enqueue(installed: Installation, *jobs: tuple[str, dict[str, Any]]) -> None:
    """Leave jobs as a request does: rows of the run-time role."""
    with installed.database(embedded.RUNTIME) as runtime:
        for name, arguments in jobs:
            runtime.execute(
                "select procrastinate_defer_jobs_v1(array[row('default', %s, 0, null, null, %s, null)]"
                "::procrastinate_job_to_defer_v1[])",
                [f"tests.commands.bad_jobs.{name}", json.dumps(arguments)],
            )


def traces(installed: Installation) -> set[int]:
    with installed.database() as oracle:
        return {row[0] for row in oracle.execute("select number from traces")}


def bad_jobs(installed: Installation) -> dict[str, tuple[str, int]]:
    """How each job that is still there stands, and how often it was tried."""
    with installed.database() as oracle:
        rows = oracle.execute(
            "select task_name, status::text, attempts from procrastinate_jobs where task_name like 'tests.%'"
        )
        return {name.rpartition(".")[2]: (status, attempts) for name, status, attempts in rows}


def worker_of(serving: Serving) -> int:
    """The pid of the worker that a server started."""
    children = Path(f"/proc/{serving.process.pid}/task").glob("*/children")
    for pid in " ".join(file.read_text() for file in children).split():
        if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    return 0


def test_bad_jobs_fail_alone_and_neither_pages_nor_good_jobs_suffer(installed: Installation) -> None:
    serving = installed.serve(**WITH_BAD_JOBS)
    with_traces(installed)
    good = [("leave_trace", {"number": number}) for number in range(20)]
    bad: list[tuple[str, dict[str, Any]]] = [("kill_worker", {}), ("hang", {}), ("fail", {})]
    enqueue(installed, *good[:10], *bad, *good[10:])
    browser = Browser(serving.base)
    ended = until(
        lambda: (browser.get("/readyz")[0], bad_jobs(installed)),
        lambda seen: seen[0] != 200 or (len(seen[1]) == 3 and {s for s, _ in seen[1].values()} == {"failed"}),
    )
    assert ended[0] == 200
    assert ended[1]["kill_worker"] == ("failed", 2)
    assert ended[1]["fail"] == ("failed", 2)
    assert traces(installed) == set(range(20))
    # The database is killed under both of them, and comes back by itself.
    kill(pids_using(installed.data_dir))
    until(lambda: browser.get("/readyz")[0], lambda status: status == 200)
    enqueue(installed, ("leave_trace", {"number": 100}))
    until(lambda: traces(installed), lambda seen: 100 in seen)
    assert serving.stop(signal.SIGTERM) == 0
    assert postmaster(installed.data_dir) is None


def test_the_worker_ends_with_its_server_and_is_started_again_without_it(installed: Installation) -> None:
    serving = installed.serve(**WITH_BAD_JOBS)
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
    with_traces(installed)
    olga = serving.first_owner()
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=environment(installed.data_dir, **installed.more, **WITH_BAD_JOBS),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        # A mail is read in the terminal of whoever runs the worker.
        olga.post("/account/password/reset/", {"email": "olga@example.org"})
        until(log.read_text, lambda text: "/account/password/reset/key/" in text)
        enqueue(installed, ("hang", {}), ("leave_trace", {"number": 1}))
        until(lambda: traces(installed), lambda seen: seen == {1})
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
