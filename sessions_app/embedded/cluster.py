"""Starts, finds and stops the server of a data folder."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .account import account_for, take_over
from .errors import clear_errors
from .initdb import initialise, remove_unfinished, require_usable
from .lock import only_one
from .passwords import ensure_passwords
from .place import Place
from .probe import Answer, ask
from .process import live_postmaster, stop_postmaster
from .programs import programs_for
from .roles import DATABASE, RIGHTS, SUPERUSER, TEMPLATE, create_database, create_roles, grant_defaults
from .server import Server, server_of
from .start import start, wait_for_live

# Longer than any start or stop in another process may take.
LOCK_SECONDS = 150

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """What there is in a data folder."""

    initialised: bool
    running: bool
    pid: int | None
    server: Server | None


def ensure_running(data_dir: Path, *, say: Callable[[str], None] = log.info) -> Server:
    """Return the running server of a data folder; start it, or set it up first, when needed.

    Any number of processes may call this at once; one of them does the work and the others wait.

    Args:
        data_dir: the folder of the data. The lock, the passwords, the log and, where no Unix
            socket is possible, the port lie beside it in files that begin with its name.
        say: called with a sentence when something takes place that takes time.

    Raises:
        EmbeddedError: no server can be had; the text says why and what to do.
    """
    with clear_errors():
        place = Place.of(data_dir)
        answer = _ask_if_known(place)
        if answer is Answer.READY:
            # The usual case, without the lock: nobody waits for anybody.
            return server_of(place)
        place.make_parents()
        with only_one(place.lock, seconds=LOCK_SECONDS):
            answer = _ask_if_known(place)
            if answer is Answer.NONE:
                answer = _bring_up(place, say)
            server = server_of(place)
            if answer is not Answer.READY:
                _furnish(server, say)
            return server


def stop(data_dir: Path) -> bool:
    """Shut the server down; connections are ended, their open transactions rolled back.

    Args:
        data_dir: the folder of the data.

    Returns:
        Whether one ran.

    Raises:
        EmbeddedError: it does not stop, or belongs to another user.
    """
    with clear_errors():
        place = Place.of(data_dir)
        if not place.data.is_dir():
            return False
        # Under the lock, or it could be taken down while another process is setting it up.
        with only_one(place.lock, seconds=LOCK_SECONDS):
            # First: where a start was refused there is nothing to stop, and that is no error once more.
            if live_postmaster(place) is None:
                return False
            account = account_for(place)
            stop_postmaster(programs_for(place, account), account, place)
            return True


def status(data_dir: Path) -> Status:
    """Look at a data folder without changing anything.

    Args:
        data_dir: the folder of the data.

    Returns:
        What is there; `running` means that it answers and is ready for use.

    Raises:
        EmbeddedError: this user may not look into it.
    """
    with clear_errors():
        place = Place.of(data_dir)
        if not place.data.is_dir() or not place.is_initialised():
            return Status(initialised=False, running=False, pid=None, server=None)
        running = _ask_if_known(place) is Answer.READY
        return Status(True, running, live_postmaster(place), server_of(place) if running else None)


def _ask_if_known(place: Place) -> Answer:
    # Without this file the server was stopped in good order. Where it listens on 127.0.0.1 its
    # port may be somebody else's by now, who would let us wait for an answer.
    if not place.passwords.exists() or not (place.data / "postmaster.pid").exists():
        return Answer.NONE
    return ask(server_of(place))


def _bring_up(place: Place, say: Callable[[str], None]) -> Answer:
    account = account_for(place)
    bin_dir = programs_for(place, account)
    require_usable(place, bin_dir)
    passwords = ensure_passwords(place, [SUPERUSER, *RIGHTS])
    remove_unfinished(place)
    if not place.is_initialised():
        say(f"Setting up a new database in {place.data}.")
        initialise(place, bin_dir, account, passwords[SUPERUSER])
    take_over(place, account)
    answer = wait_for_live(place)
    if answer is Answer.NONE:
        say(f"Starting the database in {place.data}.")
        answer = start(place, bin_dir, account, say)
    return answer


def _furnish(server: Server, say: Callable[[str], None]) -> None:
    passwords = ensure_passwords(Place(server.data_dir), [SUPERUSER, *RIGHTS])
    report = create_roles(server.params(SUPERUSER, "postgres"), passwords)
    for warning in report.warnings:
        say(warning)
    # The database last: it is a copy of the template, and that it is there says that all is done.
    grant_defaults(server.params(SUPERUSER, TEMPLATE))
    create_database(server.params(SUPERUSER, "postgres"), DATABASE)
