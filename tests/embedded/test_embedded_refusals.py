"""What a start refuses, in which words, and as which system user."""

import os
import pwd
from pathlib import Path

import pytest
from embedded_tools import PATIENCE_SECONDS, START, postmaster, python, query

from sessions_app.embedded import EmbeddedError, ensure_running, status, stop

# A system user found everywhere who is neither root nor nobody. (initdb wants one with a name.)
SOMEBODY = pwd.getpwnam("daemon").pw_uid


def test_other_major_version_is_refused_and_untouched(home: Path) -> None:
    data = home / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    (data / "base").write_bytes(b"\0" * 100)
    before = _picture(data)

    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 16; this is PostgreSQL 18.*DATA_DIR"):
        ensure_running(data)
    assert _picture(data) == before
    assert not (home / "data.passwords.json").exists()


def test_folder_with_something_else_is_refused_and_untouched(home: Path) -> None:
    data = home / "data"
    data.mkdir()
    (data / "letter.txt").write_text("dear reader")
    before = _picture(data)

    with pytest.raises(EmbeddedError, match="holds something else"):
        ensure_running(data)
    assert _picture(data) == before


def test_lost_and_wrong_passwords_are_told_from_each_other(used_dir: Path) -> None:
    ensure_running(used_dir)
    passwords = used_dir.with_name("data.passwords.json")
    right = passwords.read_text()

    passwords.write_text(right.replace('"postgres": "', '"postgres": "not'))
    with pytest.raises(EmbeddedError, match="refuses the password"):
        ensure_running(used_dir)
    passwords.unlink()
    with pytest.raises(EmbeddedError, match="has lost its passwords"):
        ensure_running(used_dir)
    passwords.write_text(right)
    ensure_running(used_dir)


def test_failed_start_shows_the_end_of_the_log(used_dir: Path) -> None:
    ensure_running(used_dir)
    stop(used_dir)
    with (used_dir / "postgresql.conf").open("a") as conf:
        conf.write("max_connections = many\n")

    with pytest.raises(
        EmbeddedError, match=r'(?s)did not start.*invalid value for parameter "max_connections"'
    ):
        ensure_running(used_dir)
    assert status(used_dir).pid is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second system user")
def test_another_user_is_refused_clearly(used_dir: Path) -> None:
    ensure_running(used_dir)
    with python(START, used_dir, uid=SOMEBODY) as program:
        _, errors = program.communicate(timeout=PATIENCE_SECONDS)
    assert "EmbeddedError: This system user may not use" in errors


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_root_is_told_which_folder_is_closed(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match=f"pass through the folder {closed}\\. Set DATA_DIR"):
        ensure_running(closed / "data")
    assert closed.stat().st_mode & 0o777 == 0o700
    assert not (closed / "data").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_root_starts_data_that_was_copied_as_root(used_dir: Path) -> None:
    ensure_running(used_dir)
    stop(used_dir)
    for path in (used_dir, *used_dir.rglob("*")):
        os.chown(path, 0, 0)

    assert query(ensure_running(used_dir), "SELECT 1") == [(1,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="the whole suite runs as a normal user already")
def test_normal_user_and_then_root(home: Path) -> None:
    os.chown(home, SOMEBODY, SOMEBODY)
    home.chmod(0o700)
    data_dir = home / "data"
    try:
        with python(START, data_dir, uid=SOMEBODY) as program:
            said, errors = program.communicate(timeout=PATIENCE_SECONDS)
        assert errors == ""
        # Root finds the same server, and stops it as the user it belongs to.
        server = ensure_running(data_dir)
        assert said.split() == [server.host, str(server.port), str(postmaster(server))]
        assert data_dir.stat().st_uid == data_dir.with_name("data.passwords.json").stat().st_uid == SOMEBODY
    finally:
        assert stop(data_dir)


def _picture(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    facts = {path: path.stat() for path in (folder, *folder.rglob("*"))}
    return {
        str(path): (fact.st_mode, fact.st_uid, fact.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path, fact in facts.items()
    }
