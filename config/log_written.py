"""How the log's lines are written: those of one turn of an event loop at once.

A server answers many requests in one turn, with a line each; to write one takes as long as to make it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress


class WrittenTogether(logging.StreamHandler):  # type: ignore[type-arg]
    """To stderr. What is worse than usual, or said outside a loop, is written at once, after what waits."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[str] = []
        # The loop that will write it.
        self._writer: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record; the handler's lock is held."""
        try:
            self._waiting.append(self.format(record) + self.terminator)
        except Exception:
            self.handleError(record)
            return
        loop = _running_loop()
        if loop is None or record.levelno > logging.INFO:
            self.flush()
        elif loop is not self._writer:
            self._writer = loop
            loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what waits."""
        self.acquire()
        try:
            waiting, self._waiting, self._writer = self._waiting, [], None
            # Where nobody reads it any more there is nobody to tell so.
            with suppress(OSError, ValueError):
                self.stream.write("".join(waiting))
                super().flush()
        finally:
            self.release()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
