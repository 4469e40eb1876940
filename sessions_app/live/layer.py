"""A channel layer on PostgreSQL's LISTEN/NOTIFY: it reaches every process that has the database.

It carries hints, at most a few hundred bytes each: no table, no row is written. A message that a process
was not there to receive is gone, as the contract of channel layers allows.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import psycopg
from channels.layers import BaseChannelLayer
from django.db import connections

NOTIFY_CHANNEL = "leftoff"
# What PostgreSQL takes as a notification, less a little.
PAYLOAD_MAX_BYTES = 7_900


class LayerLost(ConnectionError):
    """The connection that listens is gone: messages may have been missed. Receiving again reconnects."""


class PostgresChannelLayer(BaseChannelLayer):  # type: ignore[misc]
    """See the module. One instance belongs to one event loop.

    `send` and `group_send` raise psycopg's OperationalError while the database is away, ValueError for
    a message that is too large.
    """

    extensions = ["groups"]

    def __init__(self, capacity: int = 1000, **options: Any) -> None:  # noqa: ANN401 -- as the base class
        super().__init__(capacity=capacity, **options)
        self._queues: dict[str, asyncio.Queue[dict[str, Any] | None]] = {}
        self._groups: dict[str, set[str]] = {}
        self._sender: psycopg.AsyncConnection[Any] | None = None
        self._listening: asyncio.Task[None] | None = None

    async def new_channel(self, prefix: str = "specific") -> str:
        """A channel of this process alone."""
        return f"{prefix}.{uuid.uuid4().hex}"

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send a message to one channel, in whichever process it is received."""
        await self._notify({"channel": channel, "message": message})

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send a message to every channel of a group, in every process."""
        await self._notify({"group": group, "message": message})

    async def group_add(self, group: str, channel: str) -> None:
        """Let a channel of this process hear what is sent to the group; returns once it does."""
        self._groups.setdefault(group, set()).add(channel)
        await self._listen()

    async def group_discard(self, group: str, channel: str) -> None:
        """Let a channel hear the group no more."""
        self._groups.get(group, set()).discard(channel)

    async def receive(self, channel: str) -> dict[str, Any]:
        """The channel's next message. Raises LayerLost when some may have been missed."""
        await self._listen()
        message = await self._queue(channel).get()
        if message is None:
            raise LayerLost
        return message

    async def close(self) -> None:
        """Give both connections back."""
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._sender:
            await self._sender.close()

    async def _notify(self, envelope: dict[str, Any]) -> None:
        payload = json.dumps(envelope, separators=(",", ":"))
        if len(payload.encode()) > PAYLOAD_MAX_BYTES:
            raise ValueError(f"a message must have at most {PAYLOAD_MAX_BYTES} bytes as JSON")
        if self._sender is None or self._sender.closed or self._sender.broken:
            if self._sender is not None:
                await self._sender.close()
            self._sender = await _connect()
        await self._sender.execute("select pg_notify(%s, %s)", [NOTIFY_CHANNEL, payload])

    async def _listen(self) -> None:
        """Have the connection that listens, or raise what keeps it from listening."""
        if self._listening is None or self._listening.done():
            connection = await _connect()
            await connection.execute(f"listen {NOTIFY_CHANNEL}")
            self._listening = asyncio.create_task(self._deliver(connection))

    async def _deliver(self, connection: psycopg.AsyncConnection[Any]) -> None:
        try:
            async with connection:
                async for notification in connection.notifies():
                    self._put(json.loads(notification.payload))
        except psycopg.Error:
            pass
        finally:
            # Whoever waits for a message learns that some may be missing.
            for queue in self._queues.values():
                _put_or_drop(queue, None)

    def _put(self, envelope: dict[str, Any]) -> None:
        group = envelope.get("group")
        channels = self._groups.get(group, set()) if group else {envelope["channel"]} & self._queues.keys()
        for channel in channels:
            _put_or_drop(self._queue(channel), envelope["message"])

    def _queue(self, channel: str) -> asyncio.Queue[dict[str, Any] | None]:
        if channel not in self._queues:
            self._queues[channel] = asyncio.Queue(self.capacity)
        return self._queues[channel]


def _put_or_drop(queue: asyncio.Queue[dict[str, Any] | None], message: dict[str, Any] | None) -> None:
    """A full queue forgets its oldest message: the newest hint says all that an older one said."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(message)


async def _connect() -> psycopg.AsyncConnection[Any]:
    """A connection outside the pool, as the run-time role: it may be held for days."""
    parameters = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    # A message outlives no crash: no commit of one has to wait for the disk, nor others for it.
    parameters["options"] += " -c synchronous_commit=off"
    return await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
