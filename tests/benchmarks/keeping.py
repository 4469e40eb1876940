"""The least that keeps what it is sent: no asker is known, nothing is judged, counted or logged.

What comes while a statement is under way goes along with the next one, and is answered after its commit.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import psycopg

from tests.benchmarks.raw_asgi import DATABASE, respond

INSERT = """
insert into benchmark_rows (project_id, user_id, event_id, kind, metadata, version)
select (e->>'projectId')::uuid, (e->>'projectId')::uuid, (e->>'event_id')::uuid, e->>'kind', '{}', 1
from json_array_elements(%s::json) e
"""


class Keeper:
    """Inserts what is sent, all that waits at a time, on one connection."""

    def __init__(self) -> None:
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._work: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def keep(self, body: bytes) -> None:
        """Return once it is kept."""
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((body, kept))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._insert())
        await kept

    async def _insert(self) -> None:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(os.environ[DATABASE], autocommit=True)
        while self._waiting:
            some, self._waiting = self._waiting, []
            bodies = b",".join(body for body, _ in some)
            await self._connection.execute(INSERT, [f"[{bodies.decode()}]"])
            for _, kept in some:
                kept.set_result(None)


_keeper = Keeper()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        message = await receive()
        # The load sends its bodies whole.
        assert not message.get("more_body")
        await _keeper.keep(message["body"])
        await respond(send, 202, b"{}")
