"""What the tests of the embedded server share: real processes to start, look at and kill."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psycopg

from sessions_app.embedded import DATABASE, OWNER, Server, status
from tests.waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
# For a program to end that may have to start a server, or to make one; on a busy machine.
PATIENCE_SECONDS = 120

START = """
import sys
from pathlib import Path
from sessions_app.embedded import ensure_running, status
server = ensure_running(Path(sys.argv[1]))
print(server.host, server.port, status(Path(sys.argv[1])).pid, flush=True)
"""


# Changed here and not by subprocess: the interpreter itself may lie where only root can start it.
BECOME = """
import os, psycopg, sessions_app.embedded
os.setgroups([]); os.setgid({0}); os.setuid({0})
"""


def python(
    program: str, *arguments: object, uid: int | None = None, stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[str]:
    """Start a Python program that can import the package, as another system user if asked."""
    if uid is not None:
        program = BECOME.format(uid) + program
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def query(server: Server, sql: str, *, role: str = OWNER, database: str = DATABASE) -> list[tuple]:
    with psycopg.connect(**server.params(role, database), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def postmaster(server: Server) -> int:
    pid = status(server.data_dir).pid
    assert pid is not None
    return pid


def children(pid: int) -> list[int]:
    answer = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = (map(int, line.split()) for line in answer.stdout.splitlines())
    return [child for child, parent in pairs if parent == pid]


def kill_all(server: Server) -> int:
    """SIGKILL the postmaster and its backends; return the process id the postmaster had."""
    pid = postmaster(server)
    family = [pid, *children(pid)]
    for member in family:
        with suppress(ProcessLookupError):  # a helper that was about to end anyway
            os.kill(member, signal.SIGKILL)
    wait_until(lambda: status(server.data_dir).pid is None)
    return pid
