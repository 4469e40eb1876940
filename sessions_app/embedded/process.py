"""The postmaster as a process: is it there, is it really ours, start it, end it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .account import Account
from .errors import EmbeddedError
from .place import Place
from .server import SOCKET_PORT

STOP_SECONDS = 60

# The postmasters this process started. They are its children, so it has to collect them when
# they end; otherwise they stay behind as zombies that look alive.
_children: set[int] = set()


def live_postmaster(place: Place) -> int | None:
    """Return the process id of the postmaster that runs on this data, None without one.

    A process that is dead, a zombie or something other than PostgreSQL does not count, whatever
    `postmaster.pid` says: after a SIGKILL or a restart of the machine numbers are used again.
    """
    _collect_children()
    pid = _recorded_pid(place.data / "postmaster.pid")
    if pid is None or not _is_postgres(pid):
        return None
    if sys.platform == "linux":
        try:
            # Every PostgreSQL process works in its data folder.
            if not os.path.samefile(f"/proc/{pid}/cwd", place.data):
                return None
        except FileNotFoundError:
            return None
        except PermissionError:
            pass  # containers may hide this even from root; then rather believe the file
    return pid


def remove_stale_files(place: Place) -> None:
    """Remove what a killed postmaster left, so that PostgreSQL does not take it for a live one.

    Call it only when `live_postmaster` found none. Orphaned backends stay a reason for PostgreSQL
    not to start: it finds their shared memory by the data folder, without these files.
    """
    for name in ("postmaster.pid", f".s.PGSQL.{SOCKET_PORT}.lock"):
        (place.data / name).unlink(missing_ok=True)


def launch(bin_dir: Path, account: Account, place: Place, options: list[str]) -> subprocess.Popen[bytes]:
    """Start a postmaster in a session of its own, so that a Ctrl-C in the terminal is not for it.

    Args:
        bin_dir: the folder of the programs.
        account: the system user to run it as.
        place: the server's place; what the server says goes to its log.
        options: settings as `name=value`.

    Returns:
        The process. On Windows it is `pg_ctl`, which ends with 0 once the server is up.
    """
    settings = [part for option in options for part in ("-c", option)]
    if sys.platform == "win32":
        # pg_ctl gives up administrator's rights, with which postgres.exe refuses to run.
        command = [str(bin_dir / "pg_ctl"), "start", "-w", "-D", str(place.data), "-l", str(place.log)]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(  # noqa: S603
            [*command, "-o", subprocess.list2cmdline(settings)],
            stdin=subprocess.DEVNULL,
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
            env=environment(),
            **quiet,
        )
    with open(os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
        return subprocess.Popen(  # noqa: S603
            [str(bin_dir / "postgres"), "-D", str(place.data), *settings],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=environment(),
            **account.subprocess_arguments(),
        )


def let_go(process: subprocess.Popen[bytes]) -> None:
    """Let a launched server outlive this object, and this program."""
    if process.poll() is None:
        _children.add(process.pid)
        # It is meant to go on; without a code Popen would warn of a forgotten process.
        process.returncode = 0


def stop_postmaster(bin_dir: Path, account: Account, place: Place) -> None:
    """Shut the server down, disconnecting whoever is connected, and wait until it is.

    Raises:
        EmbeddedError: it still runs after STOP_SECONDS.
    """
    command = [str(bin_dir / "pg_ctl"), "stop", "-m", "fast", "-w", "-t", str(STOP_SECONDS)]
    answer = subprocess.run(  # noqa: S603
        [*command, "-D", str(place.data)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env=environment(),
        **account.subprocess_arguments(),
    )
    _collect_children()
    if answer.returncode != 0 and live_postmaster(place) is not None:
        raise EmbeddedError(f"The database in {place.data} does not stop: {answer.stderr.strip()}")


def environment() -> dict[str, str]:
    """Return our environment without what would change how PostgreSQL's programs work."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    # The texts are read here, and a locale that this machine lacks would stop initdb.
    return {**kept, "LC_ALL": "C", "LANG": "C"}


def _collect_children() -> None:
    if sys.platform == "win32":
        return
    for pid in tuple(_children):
        try:
            ended, _ = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            ended = pid  # collected elsewhere, or we are a fork of the one who started it
        if ended:
            _children.discard(pid)


def _recorded_pid(path: Path) -> int | None:
    try:
        first = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
        # Single-user mode writes its number with a minus.
        return abs(int(first)) or None
    except (FileNotFoundError, ValueError):
        return None


if sys.platform == "linux":

    def _is_postgres(pid: int) -> bool:
        try:
            facts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return False
        name, _, rest = facts.partition("(")[2].rpartition(")")
        return name == "postgres" and not rest.lstrip().startswith(("Z", "X"))

elif sys.platform == "win32":

    def _is_postgres(pid: int) -> bool:
        return '"postgres.exe"' in _answer(["tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH"])

else:

    def _is_postgres(pid: int) -> bool:
        state, _, name = _answer(["/bin/ps", "-o", "stat=,comm=", "-p", str(pid)]).strip().partition(" ")
        return Path(name.strip()).name == "postgres" and not state.startswith("Z")


def _answer(question: list[str]) -> str:
    return subprocess.run(question, capture_output=True, text=True, errors="replace", check=False).stdout  # noqa: S603
