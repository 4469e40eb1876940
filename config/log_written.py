"""How the log's lines are written: those of one turn of an event loop at once.

A server answers many requests in one turn, with a line each; to write one takes as long as to make it.
Several processes write to one pipe, which keeps whole only what is no longer than PIPE_BUF.
"""

from __future__ import annotations

import asyncio
import logging
import select
from collections import deque
from contextlib import suppress

# The least that POSIX grants, where a system does not say.
WHOLE_BYTES: int = getattr(select, "PIPE_BUF", 512)


class WrittenTogether(logging.StreamHandler):  # type: ignore[type-arg]
    """To stderr. What is worse than usual, or said outside a loop, is written at once, after what waits."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[str] = deque()
        self._is_writing = False
        # The loop that will write it.
        self._writer: asyncio.AbstractEventLoop | None = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Take a copy of the record: its filters change it, and other handlers' records stay as they are."""
        # By hand: what `copy` makes takes each line thrice as long.
        own = logging.LogRecord.__new__(type(record))
        own.__dict__.update(record.__dict__)
        return super().handle(own)

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
        """Write what waits, in portions that no other process's lines get into; raises nothing."""
        self.acquire()
        try:
            # Else a signal came while this very thread writes: it goes on with what was said meanwhile.
            if not self._is_writing:
                self._write()
        finally:
            self.release()

    def _write(self) -> None:
        self._is_writing, self._writer = True, None
        try:
            while self._waiting:
                portion = self._portion()
                # None: the process was started without a stderr. Where nobody reads it any more there is
                # nobody to tell so: it would be told here.
                with suppress(Exception):
                    if self.stream is not None:
                        self.stream.write(portion)
                        self.stream.flush()
        finally:
            self._is_writing = False

    def _portion(self) -> str:
        """Take as many of the lines that wait as go out whole; one that is longer, by itself."""
        lines: list[str] = []
        left = WHOLE_BYTES
        while self._waiting:
            # At most: so is written what an encoding does not have.
            left -= len(self._waiting[0].encode("ascii", "backslashreplace"))
            if left < 0 and lines:
                break
            lines.append(self._waiting.popleft())
        return "".join(lines)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
