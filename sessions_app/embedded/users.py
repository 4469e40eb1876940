"""Who uses a server: it stops with the last process that does."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from .cluster import LOCK_SECONDS, stop
from .errors import clear_errors
from .lock import open_lock, share, try_alone
from .place import Place

# What this process holds, by data folder: a shared lock, which ends with the process whatever ends that.
_held: dict[Path, int] = {}
_one_thread = threading.Lock()


def use(data_dir: Path) -> None:
    """Count this process among the users of a server, until it ends or calls `stop_if_last`.

    To be called before the server is looked for: then nobody stops it in between.

    Args:
        data_dir: the folder of the data.

    Raises:
        EmbeddedError: this user may not use it, or somebody has been stopping it for very long.
    """
    with clear_errors(), _one_thread:
        place = Place.of(data_dir)
        if place.data not in _held:
            place.make_parents()
            _held[place.data] = share(place.users, seconds=LOCK_SECONDS)


def stop_if_last(data_dir: Path) -> bool:
    """Stop the server unless another process uses it; whoever wants to meanwhile waits for the end of that.

    Args:
        data_dir: the folder of the data.

    Returns:
        Whether it ran, and stopped.

    Raises:
        EmbeddedError: it does not stop, or belongs to another user.
    """
    with clear_errors(), _one_thread:
        place = Place.of(data_dir)
        if not place.data.is_dir():
            return False
        descriptor = _held.pop(place.data, None) or open_lock(place.users)
        try:
            return try_alone(descriptor) and stop(data_dir)
        finally:
            os.close(descriptor)
