"""Killed or confused: what a start makes of it."""

import os
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from embedded_tools import START, children, kill_all, postmaster, python, query

from sessions_app.embedded import Server, ensure_running, stop
from tests.waiting import wait_until


@pytest.mark.parametrize("state", ["alive", "zombie", "dead"])
def test_recorded_process_is_not_postgres(used_dir: Path, state: str) -> None:
    server = ensure_running(used_dir)
    killed = kill_all(server)
    owner = used_dir.stat()
    # The same system user, or PostgreSQL itself would know that it cannot be its postmaster.
    user = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **user) as stranger:
        if state != "alive":
            stranger.kill()
            wait_until(lambda: _is_zombie(stranger.pid))
        if state == "dead":
            stranger.wait()
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            file = used_dir / name
            file.write_text(file.read_text().replace(str(killed), str(stranger.pid), 1))

        assert query(ensure_running(used_dir), "SELECT 1") == [(1,)]
        if state == "alive":
            assert stranger.poll() is None
        stranger.kill()


def test_orphaned_backend_is_waited_for(used_dir: Path, monkeypatch) -> None:
    """A server that is started beside it gives up and says why; another follows when the backend is gone."""
    monkeypatch.setattr("sessions_app.embedded.start.ORPHAN_SECONDS", 60)
    server = ensure_running(used_dir)
    log = used_dir.with_name("data.log")
    with psycopg.connect(**server.params("sessions_owner", "sessions")) as connection:
        backend = connection.info.backend_pid
        family = children(postmaster(server))
        # Stopped, it cannot notice the end of its postmaster, and still holds the shared memory.
        os.kill(backend, signal.SIGSTOP)
        os.kill(postmaster(server), signal.SIGKILL)
        with ThreadPoolExecutor() as pool:
            try:
                wait_until(lambda: all(_is_gone(pid) for pid in family if pid != backend))
                starting = pool.submit(ensure_running, used_dir)
                wait_until(lambda: "shared memory block" in log.read_text())
                assert not starting.done(), "two servers had the data open at once"
            finally:
                os.kill(backend, signal.SIGCONT)
            assert query(starting.result(), "SELECT 1") == [(1,)]


@pytest.mark.parametrize("moment", ["data.passwords.json", "data.new-*", "data/postmaster.pid"])
def test_killed_first_start(data_dir: Path, moment: str) -> None:
    with python(START, data_dir) as app:
        wait_until(lambda: list(data_dir.parent.glob(moment)), step=0.01)
        app.kill()

    assert query(ensure_running(data_dir), "SELECT current_database()") == [("sessions",)]


def test_start_while_it_shuts_down(used_dir: Path) -> None:
    first = postmaster(ensure_running(used_dir))
    os.kill(first, signal.SIGINT)
    server = ensure_running(used_dir)
    wait_until(lambda: _is_gone(first))
    # Seen while it still answered, or waited for: either way there is a server after a call.
    server = ensure_running(used_dir)
    assert postmaster(server) != first
    assert query(server, "SELECT 1") == [(1,)]


def test_missing_parents_and_a_path_too_long_for_a_socket(home: Path) -> None:
    home_mode = stat.S_IMODE(home.stat().st_mode)
    data_dir = home / ("long" * 25) / "data"
    try:
        first = ensure_running(data_dir)
        assert first.host == "127.0.0.1"
        assert stat.S_IMODE(home.stat().st_mode) == home_mode
        assert stat.S_IMODE(data_dir.parent.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)
        assert query(first, "SHOW listen_addresses") == [("127.0.0.1",)]
        stop(data_dir)
        assert ensure_running(data_dir) == first

        stop(data_dir)
        with _taken(first) as port:
            second = ensure_running(data_dir)
            assert second.port != port
            assert query(second, "SELECT 1") == [(1,)]
    finally:
        stop(data_dir)


@contextmanager
def _taken(server: Server) -> Iterator[int]:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((server.host, server.port))
        other.listen()
        yield server.port


def _is_zombie(pid: int) -> bool:
    return _state(pid).startswith("Z")


def _is_gone(pid: int) -> bool:
    return _state(pid)[:1] in ("", "Z")


def _state(pid: int) -> str:
    return subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
