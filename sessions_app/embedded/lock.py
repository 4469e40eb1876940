"""One process at a time: the lock under which a server is initialised, started and stopped."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import EmbeddedError

POLL_SECONDS = 0.05


@contextmanager
def only_one(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock of a file for the length of the block.

    The lock belongs to the open file, so it also keeps threads of one process apart and ends by
    itself when the process is killed. The file stays: removing it would let two processes hold
    "the" lock, one on the old file and one on the new.

    Args:
        path: the lock file; created when missing.
        seconds: how long to wait for another holder.

    Raises:
        EmbeddedError: another process held the lock all that time.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Another process has been starting or stopping the database for {seconds:.0f} seconds. "
                    f"It holds the lock {path}; end it and try again."
                )
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
