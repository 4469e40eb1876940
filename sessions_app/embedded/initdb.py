"""Makes the data folder of a new server, or judges one that is there."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from .account import Account
from .binaries import BIN_VARIABLE, major_version
from .errors import EmbeddedError
from .place import Place, write_private
from .process import environment

# Written to postgresql.conf once, where an operator may change them.
# fsync and synchronous_commit are left on: what was answered as saved is saved.
SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # Statements and the values in "DETAIL: Failing row contains (…)" are what people wrote, and
    # what people wrote does not go into logs.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def require_usable(place: Place, bin_dir: Path) -> None:
    """Judge the data folder, without touching it, before anything is started on it.

    Raises:
        EmbeddedError: it holds data of another major version, or something else entirely.
    """
    if not place.data.exists():
        return
    if place.is_initialised():
        theirs = (place.data / "PG_VERSION").read_text(encoding="ascii", errors="replace").strip()
        ours = major_version(bin_dir)
        if theirs != str(ours):
            raise EmbeddedError(
                f"The database in {place.data} was made by PostgreSQL {theirs}; this is PostgreSQL {ours}, "
                f"which cannot open it. Nothing was changed. Set {BIN_VARIABLE} to the programs of "
                f"PostgreSQL {theirs} to go on with it or to dump it, or set DATA_DIR to a new folder."
            )
    elif not place.data.is_dir() or any(place.data.iterdir()):
        raise EmbeddedError(
            f"{place.data} should become the folder of the database, but it holds something else. "
            "Nothing was changed. Set DATA_DIR to a new or an empty folder."
        )


def initialise(place: Place, bin_dir: Path, account: Account, password: str) -> None:
    """Make the data folder, all of it or none: it is built elsewhere and moved into place.

    Args:
        place: the server's place; its data folder is missing or empty.
        bin_dir: the folder of the programs.
        account: the system user who shall own the data.
        password: of the superuser `postgres`.

    Raises:
        EmbeddedError: `initdb` failed; the text holds what it said.
    """
    workshop = Path(tempfile.mkdtemp(prefix=place.unfinished_prefix, dir=place.data.parent))
    try:
        password_file = workshop / "password"
        write_private(password_file, password + "\n")
        account.give(password_file)
        account.give(workshop)
        _run_initdb(workshop / "data", password_file, bin_dir, account)
        if place.data.exists():
            place.data.rmdir()  # empty, or require_usable would have refused
        (workshop / "data").rename(place.data)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def remove_unfinished(place: Place) -> None:
    """Remove what first starts left that were killed. Call it under the lock."""
    for folder in place.unfinished():
        # An orphaned initdb may still be writing; what is left then goes with the next start.
        shutil.rmtree(folder, ignore_errors=True)


def _run_initdb(folder: Path, password_file: Path, bin_dir: Path, account: Account) -> None:
    command = [
        str(bin_dir / "initdb"),
        f"--pgdata={folder}",
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        # The same order of words on every machine, and after every update of its libraries.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
        *(f"--set={name}={value}" for name, value in SETTINGS.items()),
    ]
    answer = subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env=environment(),
        **account.subprocess_arguments(),
    )
    if answer.returncode != 0:
        said = "\n".join((answer.stdout + answer.stderr).strip().splitlines()[-10:])
        raise EmbeddedError(f"PostgreSQL could not set up its data folder {folder.parent}. It said:\n{said}")
