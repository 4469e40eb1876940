"""Questions that many requests ask at the same moment, put to the database as one statement.

Of what a small statement costs a process, nearly all is the way there and back. So whatever is asked while a
statement is under way goes along with the next one: whoever asks alone is answered at once, and of a thousand
nobody waits for a thousand. It runs in the event loop, on connections of its own, as the run-time role.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connections

from sessions_app.db import queries
from sessions_app.db.trouble import Complaint

logger = logging.getLogger(__name__)

# More connections would be more statements under way, and fewer questions in each.
LANES = 2
MOST_AT_ONCE = 64
# Who asks here has another way to ask, and takes it where this one takes long: a table that is locked, a
# server that says nothing.
PATIENCE_SECONDS = 0.7
REST_SECONDS = 1.0
_TIMEOUTS = " -c lock_timeout=500ms -c statement_timeout=600ms"

Value = str | bool | None
Question = tuple[Value, ...]


class NotNow(Exception):
    """The database was not asked, or did not answer: it is to be asked in the usual way."""


class Together:
    """One statement that answers many questions. It belongs to the event loop that asks.

    The statement is a file of sql/queries/: the named `parameters` of it are arrays, a place of each for
    every question, `fixed` ones are the same for all; it returns rows of a place, counted from one, and the
    answer there.
    """

    def __init__(self, query: str, parameters: Sequence[str], **fixed: float) -> None:
        self._query, self._parameters, self._fixed = query, parameters, fixed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[tuple[Question, asyncio.Future[Any]]] = []
        self._idle: list[_Lane] = []
        self._working: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0
        self._complaint = Complaint(logger)

    async def ask(self, *question: Value) -> Any:  # noqa: ANN401 -- what the statement returns
        """The answer to one question, a value for each parameter; None where no row has its place.

        Raises NotNow.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._waiting, self._idle = loop, [], [_Lane() for _ in range(LANES)]
        if time.monotonic() < self._rests_until:
            raise NotNow
        answer: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((question, answer))
        if self._idle:
            task = asyncio.create_task(self._work(self._idle.pop()))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return await answer

    async def close(self) -> None:
        """Close the connections; whoever asks later makes new ones."""
        for lane in self._idle:
            await lane.close()

    async def _work(self, lane: _Lane) -> None:
        """Ask for all who wait, until nobody does."""
        idle = self._idle
        try:
            while self._waiting:
                asked, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._ask_for(asked, lane)
        finally:
            idle.append(lane)

    async def _ask_for(self, asked: list[tuple[Question, asyncio.Future[Any]]], lane: _Lane) -> None:
        columns = zip(*(question for question, _ in asked), strict=True)
        given = self._fixed | dict(zip(self._parameters, map(list, columns), strict=True))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = dict(await lane.rows(queries.text(self._query), given))
        except (psycopg.Error, OSError, TimeoutError) as trouble:
            await lane.close()
            self._rests_until = time.monotonic() + REST_SECONDS
            self._complaint.about(trouble, "the database is asked in the usual way only")
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(NotNow())
        else:
            self._complaint.is_over()
            for place, (_, answer) in enumerate(asked, 1):
                # Whoever was cancelled meanwhile has an answer: that nobody waits for one.
                if not answer.done():
                    answer.set_result(found.get(place))


class _Lane:
    """A connection that is made when it is needed, each statement on it a transaction of its own."""

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def rows(self, statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            # Beside the loop: to know where the embedded server listens it may have to be started.
            parameters = await asyncio.to_thread(_where_to_connect)
            self._connection = await psycopg.AsyncConnection.connect(autocommit=True, **parameters)
        return await (await self._connection.execute(statement, given)).fetchall()

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


def _where_to_connect() -> dict[str, Any]:
    """Django's own parameters of its connection, with less patience."""
    parameters = connections["default"].get_connection_params()
    parameters["options"] += _TIMEOUTS
    # What is of Django's connection, which waits.
    return {name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
