"""Finds the pg_dump and pg_restore that fit a server."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import CommandError

from sessions_app.embedded import EmbeddedError, find_program

# Where Debian and its kin keep one folder for each major version.
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Program:
    """One of PostgreSQL's programs."""

    path: Path
    major: int


def find(name: str, major: int) -> Program:
    """Return `pg_dump` or `pg_restore` of a server's own major version, else of the next newer one.

    Those on PATH, Debian's and the one that comes with the embedded PostgreSQL are looked at. Raises
    CommandError that says what is missing and how to get it.
    """
    found = {version: program for program in _candidates(name) if (version := _major(program)) is not None}
    fitting = sorted(version for version in found if version >= major)
    if not fitting:
        there = f"only of version {', '.join(map(str, sorted(found)))}" if found else "none at all"
        raise CommandError(
            f"This wants {name} of PostgreSQL {major} or later; here is {there}. "
            f"On Debian: apt install postgresql-client-{major}"
        )
    return Program(found[fitting[0]], fitting[0])


def _candidates(name: str) -> Iterator[Path]:
    """Of several of one version the last counts: so those that somebody installed come after ours."""
    # Without the wheel and EMBEDDED_POSTGRES_BIN, others may do.
    with suppress(EmbeddedError):
        yield find_program(name)
    yield from sorted(DEBIAN.glob(f"*/bin/{name}"))
    if on_path := shutil.which(name):
        yield Path(on_path)


def _major(program: Path) -> int | None:
    """None for one that does not run here."""
    try:
        answer = subprocess.run(  # noqa: S603
            [program, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    told = re.search(r"\) (\d+)", answer.stdout)
    return int(told[1]) if told else None
