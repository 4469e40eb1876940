"""Bytes from and into PostgreSQL's programs, which are ended when somebody interrupts us."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.management.base import CommandError

CHUNK_BYTES = 1024 * 1024
# Of what a program says when it fails, the first lines name the cause.
SAID_LINES = 5


def read_from(command: Sequence[str | Path], environment: Mapping[str, str], into: IO[bytes]) -> None:
    """Copy what a program writes. Raises CommandError with what it said when it fails."""
    with _running(command, environment, stdin=subprocess.DEVNULL) as process:
        assert process.stdout
        shutil.copyfileobj(process.stdout, into, CHUNK_BYTES)


@contextmanager
def feeding(
    command: Sequence[str | Path], environment: Mapping[str, str], source: IO[bytes]
) -> Iterator[IO[bytes]]:
    """Give a program all of a source to read; yields what it writes.

    Raises CommandError with what it said when it fails; what reading the source raises comes first.
    """
    trouble: list[BaseException] = []
    try:
        with _running(command, environment, stdin=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            feeder = threading.Thread(target=_feed, args=[source, process.stdin, trouble], daemon=True)
            feeder.start()
            yield process.stdout
            feeder.join()
    except CommandError as said:
        raise trouble[0] if trouble else said from None
    if trouble:
        raise trouble[0]


def _feed(source: IO[bytes], into: IO[bytes], trouble: list[BaseException]) -> None:
    try:
        with into:
            shutil.copyfileobj(source, into, CHUNK_BYTES)
        # A program that had enough may have stopped before the end, where damage shows.
        while source.read(CHUNK_BYTES):
            pass
    except BrokenPipeError:
        pass  # it ended, and says why
    except BaseException as error:
        trouble.append(error)


@contextmanager
def _running(
    command: Sequence[str | Path], environment: Mapping[str, str], *, stdin: int
) -> Iterator[subprocess.Popen[bytes]]:
    # Into a file: a pipe that nobody reads would stop a program that says much.
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=said, env=dict(environment)
        )
        try:
            yield process
            code = process.wait()
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        if code:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()[:SAID_LINES]
            raise CommandError(f"{Path(command[0]).name} failed: {' '.join(lines) or f'exit code {code}'}")
