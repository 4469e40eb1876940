"""Whose turn it is: so many requests are worked on at once, and the others wait for theirs, but not for ever.

Each request that is worked on has a thread; the hundreds of a flood would keep one another from ending. One
that has begun to answer keeps its thread, and leaves its turn to the next.
"""

from __future__ import annotations

import anyio
from asgiref.sync import ThreadSensitiveContext
from django.conf import settings

from sessions_app.asgi import Application, Message, Receive, Scope, Send
from sessions_app.management.web import refused
from sessions_app.management.web.threads import Threads
from sessions_app.metrics.observed import observing, request_id

# Without a pool every request has a connection of its own.
WITHOUT_POOL = 16
# In place of waiting for a connection, and as long (config/databases.py): whoever comes while all are held
# is told within three seconds.
PATIENCE_SECONDS = 2.5
# Whoever watches the server is answered in a flood too.
NEEDS_NO_TURN = ("/livez", "/readyz", "/metrics")


class Turns:
    """An application that works on `at_once` requests at a time, in the order in which they came."""

    def __init__(self, application: Application, at_once: int) -> None:
        self.application = application
        self.turns = anyio.CapacityLimiter(at_once)
        self.threads = Threads(most_idle=at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a turn, then have the request answered; after PATIENCE_SECONDS without one it is a 503."""
        if scope["type"] != "http" or scope["path"].startswith(NEEDS_NO_TURN):
            await self.application(scope, receive, send)
            return
        mine = object()
        with anyio.move_on_after(PATIENCE_SECONDS) as waiting:
            await self.turns.acquire_on_behalf_of(mine)
        if waiting.cancelled_caught:
            with observing(request_id(None)) as observed:
                await refused.ask_to_come_again(scope, send, observed, seconds=PATIENCE_SECONDS)
            return
        has_turn = True

        def end_turn() -> None:
            nonlocal has_turn
            if has_turn:
                has_turn = False
                self.turns.release_on_behalf_of(mine)

        async def sending(message: Message) -> None:
            # What is left is to be written, as fast as it is read.
            end_turn()
            await send(message)

        try:
            with self.threads.one() as thread:
                async with ThreadSensitiveContext(executor=thread):
                    await self.application(scope, receive, sending)
        finally:
            end_turn()


def turns_there_are() -> int:
    """How many requests a process works on at once: as many as it may have connections to the database."""
    pool = settings.DATABASES["default"]["OPTIONS"].get("pool")
    return int(pool["max_size"]) if pool else WITHOUT_POOL
