"""What came for an open socket and was not heard yet."""

from __future__ import annotations

import asyncio

from sessions_app.asgi import Message


class Inbox:
    """A queue for the one who hears.

    asyncio's own, at which many may wait, and for its end, holds four deques: 3 KiB, which thousands of
    sockets would have for nothing.
    """

    __slots__ = ("_came", "_unheard")

    def __init__(self) -> None:
        # Of a socket it has never many (socket.MOST_UNHEARD).
        self._unheard: list[Message] = []
        # While somebody waits for the next one.
        self._came: asyncio.Future[None] | None = None

    def qsize(self) -> int:
        """How many wait to be heard."""
        return len(self._unheard)

    def put_nowait(self, message: Message) -> None:
        """Take one in."""
        self._unheard.append(message)
        if self._came is not None and not self._came.done():
            self._came.set_result(None)

    async def get(self) -> Message:
        """The next one, in their order; at most one waits for it."""
        while not self._unheard:
            self._came = asyncio.get_running_loop().create_future()
            try:
                await self._came
            finally:
                self._came = None
        return self._unheard.pop(0)
