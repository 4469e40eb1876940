"""The server lives as long as somebody uses it, and nobody loses it while using it."""

import subprocess
from pathlib import Path

import pytest

from sessions_app.embedded import EmbeddedError, ensure_running, status, stop_if_last, use
from sessions_app.embedded.lock import only_one, share
from tests.embedded.embedded_tools import PATIENCE_SECONDS, python
from tests.waiting import wait_until

USER = """
import sys
from pathlib import Path
from sessions_app.embedded import ensure_running, stop_if_last, use
data = Path(sys.argv[1])
use(data)
ensure_running(data)
print("uses it", flush=True)
sys.stdin.readline()
print(stop_if_last(data), flush=True)
"""

# Comes and goes again and again; each time it must be able to ask while it is a user.
GUEST = """
import sys
from pathlib import Path
import psycopg
from sessions_app.embedded import DATABASE, OWNER, ensure_running, stop_if_last, use
data = Path(sys.argv[1])
stopped = 0
for _ in range(6):
    use(data)
    server = ensure_running(data)
    with psycopg.connect(**server.params(OWNER, DATABASE)) as connection:
        for _ in range(20):
            connection.execute("select pg_sleep(0.002)")
    stopped += stop_if_last(data)
print(stopped)
"""


def user_of(data_dir: Path) -> subprocess.Popen[str]:
    program = python(USER, data_dir, stdin=subprocess.PIPE)
    assert program.stdout
    assert program.stdout.readline() == "uses it\n"
    return program


def test_it_stops_with_the_last_of_its_users(used_dir: Path) -> None:
    first, second = user_of(used_dir), user_of(used_dir)
    assert first.communicate("\n", timeout=PATIENCE_SECONDS) == ("False\n", "")
    assert status(used_dir).running
    assert second.communicate("\n", timeout=PATIENCE_SECONDS) == ("True\n", "")
    assert status(used_dir).pid is None


def test_one_that_was_killed_is_no_user(used_dir: Path) -> None:
    killed, other = user_of(used_dir), user_of(used_dir)
    killed.kill()
    killed.communicate()
    assert other.communicate("\n", timeout=PATIENCE_SECONDS) == ("True\n", "")


def test_nobody_loses_it_by_anothers_end(used_dir: Path) -> None:
    guests = [python(GUEST, used_dir) for _ in range(4)]
    answers = [guest.communicate(timeout=PATIENCE_SECONDS) for guest in guests]
    assert [errors for _, errors in answers if errors] == []
    assert sum(int(stopped) for stopped, _ in answers) >= 1
    wait_until(lambda: status(used_dir).pid is None)


def test_who_never_used_it_stops_it_only_when_nobody_does(used_dir: Path) -> None:
    assert stop_if_last(used_dir) is False
    user = user_of(used_dir)
    assert stop_if_last(used_dir) is False
    assert status(used_dir).running
    user.kill()
    user.communicate()
    assert stop_if_last(used_dir) is True


def test_using_it_twice_is_using_it_once(used_dir: Path) -> None:
    use(used_dir)
    use(used_dir)
    ensure_running(used_dir)
    assert stop_if_last(used_dir) is True


def test_a_folder_nobody_used_has_no_server_to_stop(home: Path) -> None:
    assert stop_if_last(home / "nowhere") is False
    assert list(home.iterdir()) == []


def test_one_that_never_lets_go_is_named(home: Path) -> None:
    lock = home / "held"
    with (
        only_one(lock, seconds=1),
        pytest.raises(EmbeddedError, match=r"held; end it and try again"),
    ):
        share(lock, seconds=0.1)
