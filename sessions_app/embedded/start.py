"""One start of the server, until it answers or says why it does not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .account import Account
from .errors import EmbeddedError
from .place import Place, write_private
from .probe import Answer, ask
from .process import launch, let_go, live_postmaster, remove_stale_files
from .server import LOOPBACK, server_of, uses_socket

FAST_UNSAFE_VARIABLE = "EMBEDDED_POSTGRES_FAST_UNSAFE"
FAST_UNSAFE_OPTIONS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]

# A start after a crash replays what was not yet in place, which may take long; it goes on after
# this, and the next call finds it further.
START_SECONDS = 60
# Backends notice the end of their postmaster at once when idle, else after their statement.
ORPHAN_SECONDS = 10
POLL_SECONDS = 0.03
# How much of the server's log goes into an error, and how large the log may grow before a start
# begins a new one.
TAIL_LINES = 15
MAX_LOG_BYTES = 5_000_000

# Reasons not to start that go away: orphans of a killed server still hold its memory, or another
# program took the port between our look and the start.
PASSING_REASONS = ("shared memory block", "lock file", "could not create any TCP/IP sockets")


def wait_for_live(place: Place) -> Answer:
    """Wait while a postmaster lives that does not answer: it is on its way up or down.

    Returns:
        Its answer, or NONE when there is no postmaster (any more).

    Raises:
        EmbeddedError: it neither answers nor ends.
    """
    deadline = time.monotonic() + START_SECONDS
    while (pid := live_postmaster(place)) is not None:
        answer = ask(server_of(place))
        if answer is not Answer.NONE:
            return answer
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"The database in {place.data} runs as process {pid}, but has not answered for "
                f"{START_SECONDS} seconds. The end of its log {place.log}:\n{_log_tail(place, 0)}"
            )
        time.sleep(POLL_SECONDS)
    return Answer.NONE


def start(place: Place, bin_dir: Path, account: Account, say: Callable[[str], None]) -> Answer:
    """Start the server of an initialised place on which none runs. Call it under the lock.

    Args:
        place: the server's place.
        bin_dir: the folder of the programs.
        account: the system user to run it as.
        say: called with a sentence about what is unusual.

    Returns:
        The server's first answer.

    Raises:
        EmbeddedError: it did not start; the text holds the end of its log.
    """
    _turn_log(place)
    patience = time.monotonic() + ORPHAN_SECONDS
    while True:
        remove_stale_files(place)
        log_begin = place.log.stat().st_size if place.log.exists() else 0
        process = launch(bin_dir, account, place, _options(place, say))
        answer = _wait_for_answer(place, process)
        if answer is not Answer.NONE:
            return answer
        tail = _log_tail(place, log_begin)
        passing = process.returncode and any(reason in tail for reason in PASSING_REASONS)
        if not passing or time.monotonic() > patience:
            raise EmbeddedError(
                f"The database in {place.data} did not start. The end of its log {place.log}:\n{tail}"
            )
        time.sleep(10 * POLL_SECONDS)


def _wait_for_answer(place: Place, process: subprocess.Popen[bytes]) -> Answer:
    server = server_of(place)
    deadline = time.monotonic() + START_SECONDS
    try:
        while time.monotonic() < deadline:
            answer = ask(server)
            if answer is not Answer.NONE:
                return answer
            ended = process.poll()
            # On Windows the process is pg_ctl, which ends well before we see the server.
            if ended is not None and not (sys.platform == "win32" and ended == 0):
                return Answer.NONE
            time.sleep(POLL_SECONDS)
        return Answer.NONE
    finally:
        let_go(process)


def _options(place: Place, say: Callable[[str], None]) -> list[str]:
    """Return what has to hold for every start, whatever postgresql.conf says."""
    if uses_socket(place):
        folder = str(place.data).replace('"', '""')
        port = server_of(place).port
        # Nothing on the network. The socket's folder is closed as well; this is the second door.
        options = ["listen_addresses=", f'unix_socket_directories="{folder}"', "unix_socket_permissions=0700"]
    else:
        port = _free_port(server_of(place).port)
        write_private(place.port, f"{port}\n")
        options = [f"listen_addresses={LOOPBACK}", "unix_socket_directories="]
    if os.environ.get(FAST_UNSAFE_VARIABLE) == "1":
        say(f"{FAST_UNSAFE_VARIABLE} is set: a crash of the machine may destroy this database.")
        options += FAST_UNSAFE_OPTIONS
    return [f"port={port}", "logging_collector=off", "log_destination=stderr", *options]


def _free_port(last: int) -> int:
    """Return the port of the last start if it is free, else one that is."""
    for port in (last, 0):
        with socket.socket() as probe:
            if sys.platform != "win32":
                # As PostgreSQL does: connections of the last server may still be closing.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EmbeddedError(f"There is no free port on {LOOPBACK} for the database.")


def _turn_log(place: Place) -> None:
    if place.log.exists() and place.log.stat().st_size > MAX_LOG_BYTES:
        place.log.replace(place.log.with_name(f"{place.log.name}.1"))


def _log_tail(place: Place, begin: int) -> str:
    if not place.log.exists():
        return "(empty)"
    with place.log.open("rb") as log:
        log.seek(max(begin, place.log.stat().st_size - MAX_LOG_BYTES))
        lines = log.read().decode("utf-8", errors="replace").splitlines()
    return "\n".join(lines[-TAIL_LINES:]) or "(empty)"
