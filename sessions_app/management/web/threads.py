"""The threads that sync pages run in: kept from one request to the next.

Django's handler would start a thread for every request and wait for its end, which costs as much as a small
page; a thread that stays also keeps what Django holds for each, its connections' wrappers first of all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import close_old_connections


class Threads:
    """As many as are in use, of which so many stay when nobody uses them."""

    def __init__(self, most_idle: int) -> None:
        self._most_idle = most_idle
        self._idle: list[ThreadPoolExecutor] = []

    @contextmanager
    def one(self) -> Iterator[ThreadPoolExecutor]:
        """A thread of one's own while the block runs; the one used last comes first, and is still warm.

        Whoever is gone before the answer leaves it at work: it is free for the next when that is done.
        """
        loop = asyncio.get_running_loop()
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, thread_name_prefix="request")
        try:
            yield thread
        finally:
            # Of whoever is gone Django closes nothing.
            thread.submit(close_old_connections).add_done_callback(lambda _: self._is_free(thread, loop))

    def _is_free(self, thread: ThreadPoolExecutor, loop: asyncio.AbstractEventLoop) -> None:
        """In the thread itself."""
        try:
            loop.call_soon_threadsafe(self._take_back, thread)
        except RuntimeError:
            # The loop has ended, and with it the server.
            thread.shutdown(wait=False)

    def _take_back(self, thread: ThreadPoolExecutor) -> None:
        if len(self._idle) < self._most_idle:
            self._idle.append(thread)
        else:
            thread.shutdown(wait=False)
