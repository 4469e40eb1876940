"""Locks on files, which end by themselves when their process is killed.

They belong to the open file, so they also keep threads of one process apart. The files stay: removing
one would let two processes hold "the" lock, one on the old file and one on the new.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import EmbeddedError

POLL_SECONDS = 0.05


@contextmanager
def only_one(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock of a file for the length of the block.

    Args:
        path: the lock file; created when missing.
        seconds: how long to wait for another holder.

    Raises:
        EmbeddedError: another process held the lock all that time.
    """
    descriptor = open_lock(path)
    try:
        _wait_for(lambda: try_alone(descriptor), path, seconds)
        yield
    finally:
        os.close(descriptor)


def share(path: Path, *, seconds: float) -> int:
    """Take a lock that any number of processes may hold at once; return its descriptor.

    Args:
        path: the lock file; created when missing.
        seconds: how long to wait for one that holds it alone.

    Raises:
        EmbeddedError: another process held it alone all that time.
    """
    descriptor = open_lock(path)
    try:
        _wait_for(lambda: _try_shared(descriptor), path, seconds)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def open_lock(path: Path) -> int:
    """Open a lock file, created when missing; closing the descriptor ends what is held by it."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _wait_for(take: Callable[[], bool], path: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not take():
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another process has been starting or stopping the database for {seconds:.0f} seconds. "
                f"It holds the lock {path}; end it and try again."
            )
        time.sleep(POLL_SECONDS)


if sys.platform == "win32":
    import msvcrt
    from contextlib import suppress

    # Windows knows no shared locks: each holder locks a byte of its own, and who is alone all of them.
    MOST_HOLDERS = 512

    def try_alone(descriptor: int) -> bool:
        """Take a lock for oneself, also in place of a shared one; return whether that was possible.

        Where it was not, a shared one is gone too.
        """
        for at in range(MOST_HOLDERS):
            os.lseek(descriptor, at, os.SEEK_SET)
            with suppress(OSError):
                msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return _try_bytes(descriptor, MOST_HOLDERS)

    def _try_shared(descriptor: int) -> bool:
        for at in range(MOST_HOLDERS):
            os.lseek(descriptor, at, os.SEEK_SET)
            if _try_bytes(descriptor, 1):
                return True
        return False

    def _try_bytes(descriptor: int, count: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, count)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_alone(descriptor: int) -> bool:
        """Take a lock for oneself, also in place of a shared one; return whether that was possible.

        Where it was not, a shared one is gone too.
        """
        return _try(descriptor, fcntl.LOCK_EX)

    def _try_shared(descriptor: int) -> bool:
        return _try(descriptor, fcntl.LOCK_SH)

    def _try(descriptor: int, how: int) -> bool:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
