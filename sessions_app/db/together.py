"""What many requests want of the database at the same moment, put to it as one statement.

Of what a small statement costs a process, nearly all is the way there and back; of a commit, all of it. So
whatever is wanted while a statement is under way goes along with the next one: whoever is alone is answered
at once, and of a thousand nobody waits for a thousand. It runs in the event loop, on connections of its own,
as the run-time role.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context
from typing import Any, Generic, TypeVar

import psycopg
from django.db import OperationalError, connections

from sessions_app.db import queries
from sessions_app.db.arrays import as_array
from sessions_app.db.retry import LOCK_NOT_AVAILABLE, QUERY_CANCELED
from sessions_app.db.trouble import Complaint

logger = logging.getLogger(__name__)

Connection = psycopg.AsyncConnection[Any]
Wanted = TypeVar("Wanted")
Told = TypeVar("Told")
R = TypeVar("R")
# Those who are asked for, and what each waits for.
_Asking = list[tuple[Wanted, asyncio.Future[Told]]]

# More connections would be more statements under way, and fewer wishes in each.
LANES = 2
MOST_AT_ONCE = 64
# Where more wait than are answered in the time that each is worth, the usual way is no longer.
MOST_WAITING = 500
# Who asks here has another way to ask, and takes it where this one takes long: a table that is locked, a
# server that says nothing.
PATIENCE_SECONDS = 0.4
REST_SECONDS = 1.0
# What _TIMEOUTS end.
_TOOK_TOO_LONG = (LOCK_NOT_AVAILABLE, QUERY_CANCELED)
_TIMEOUTS = " -c lock_timeout=300ms -c statement_timeout=350ms"


class NotNow(Exception):
    """Nothing was done: the database was not asked, or said no. It is to be asked in the usual way."""


class NotSure(Exception):
    """The line broke off after something was asked: whether it was done is not known."""


class Together(Generic[Wanted, Told]):
    """One statement for many who want something. It belongs to the event loop that they are in.

    `ask_for` puts the statement to a connection, which commits by itself, and returns what it tells each.
    `afterwards` is given all of them, and what each was told, once the next statement is under way; also of
    those who did not wait for it.
    """

    def __init__(
        self,
        ask_for: Callable[[Connection, Sequence[Wanted]], Awaitable[Sequence[Told]]],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        most_at_once: int = MOST_AT_ONCE,
        lanes: int = LANES,
        afterwards: Callable[[Sequence[Wanted], Sequence[Told]], None] | None = None,
    ) -> None:
        self._ask_for, self._patience_seconds = ask_for, patience_seconds
        self._afterwards = afterwards
        self._most_at_once, self._lanes = most_at_once, lanes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: _Asking[Wanted, Told] = []
        self._idle: list[_Lane] = []
        self._under_way: set[_Lane] = set()
        self._working: set[asyncio.Task[Any]] = set()
        self._rests_until = 0.0
        self._complaint = Complaint(logger)

    async def ask(self, wanted: Wanted) -> Told:
        """What one of them is told. Raises NotNow, NotSure."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._waiting, self._idle = loop, [], [_Lane() for _ in range(self._lanes)]
            self._under_way = set()
        if time.monotonic() < self._rests_until or len(self._waiting) >= MOST_WAITING:
            raise NotNow
        told: asyncio.Future[Told] = loop.create_future()
        self._waiting.append((wanted, told))
        if self._idle:
            self._go(self._work(self._idle.pop()))
        return await told

    async def close(self) -> None:
        """Close the connections; whoever asks later makes new ones."""
        for lane in self._idle:
            await lane.close()

    async def _work(self, lane: _Lane) -> None:
        """Ask for all who wait, until nobody does."""
        idle, under_way = self._idle, self._under_way
        while self._waiting:
            # With the lanes that are about to ask as well: what one of them tells is told on while the
            # server works for another. All by one, and each of the two would wait for the other.
            share = math.ceil(len(self._waiting) / (self._lanes - len(under_way)))
            some = self._waiting[: min(share, self._most_at_once)]
            del self._waiting[: len(some)]
            under_way.add(lane)
            asking = self._go(lane.ask(self._ask_for, [wanted for wanted, _ in some]))
            try:
                await asyncio.wait((asking,), timeout=self._patience_seconds)
            finally:
                under_way.discard(lane)
                # Also where the loop ends: nobody may be left waiting.
                lane = self._end(some, asking, lane)
        idle.append(lane)

    def _end(self, some: _Asking[Wanted, Told], asking: asyncio.Task[Sequence[Told]], lane: _Lane) -> _Lane:
        """See to it that each is told what came of it; returns the lane to go on with."""
        trouble = _trouble_of(asking)
        if trouble is None:
            self._complaint.is_over()
            # What they do with it takes its time: first the server is given the next to work for.
            asyncio.get_running_loop().call_soon(self._tell, some, asking.result())
            return lane
        was_refused = _was_refused(trouble)
        _refuse(some, NotNow if was_refused or not lane.is_asked else NotSure)
        if was_refused and getattr(trouble, "sqlstate", None) not in _TOOK_TOO_LONG:
            # One of these was wrong, or came at a wrong moment; the server would answer others.
            lane.is_asked = False
            return lane
        self._rests_until = time.monotonic() + REST_SECONDS
        self._complaint.about(_in_django_s_words(trouble), "the database is asked in the usual way only")
        # They would only wait for the same.
        _refuse(self._waiting, NotNow)
        self._waiting.clear()
        self._go(lane.leave(asking))
        return _Lane()

    def _tell(self, some: _Asking[Wanted, Told], answers: Sequence[Told]) -> None:
        for (_, told), answer in zip(some, answers, strict=True):
            # Whoever was cancelled meanwhile is done.
            if not told.done():
                told.set_result(answer)
        if self._afterwards:
            wanted = [wanted for wanted, _ in some]
            asyncio.get_running_loop().call_soon(self._afterwards, wanted, answers, context=Context())

    def _go(self, work: Coroutine[Any, Any, R]) -> asyncio.Task[R]:
        # In a context of its own: it works for others than the one who begins it.
        task = asyncio.create_task(work, context=Context())
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task


def by_place(
    query: str, parameters: Sequence[str], **fixed: object
) -> Callable[[Connection, Sequence[Sequence[object]]], Awaitable[Sequence[Any]]]:
    """Ask by a file of sql/queries/ that answers many.

    The named `parameters` of it are arrays (db/arrays.py says of what), a place of each for everybody,
    `fixed` ones are the same for all; it returns rows of a place, counted from one, and the answer there. No
    row: the answer is None. Who asks the same at the same moment is given the very same answer, which nobody
    may change.
    """

    async def ask_for(connection: Connection, wanted: Sequence[Sequence[object]]) -> Sequence[Any]:
        # What several want is asked once.
        places = {each: place for place, each in enumerate(dict.fromkeys(map(tuple, wanted)), start=1)}
        columns = zip(*places, strict=True)
        given = fixed | dict(zip(parameters, map(as_array, columns), strict=True))
        rows = await (await connection.execute(queries.text(query), given)).fetchall()
        found = dict(rows)
        return [found.get(places[tuple(each)]) for each in wanted]

    return ask_for


class _Lane:
    """A connection that is made when it is needed."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        # Whether something was asked whose answer is not here.
        self.is_asked = False

    async def ask(
        self,
        ask_for: Callable[[Connection, Sequence[Wanted]], Awaitable[Sequence[Told]]],
        some: Sequence[Wanted],
    ) -> Sequence[Told]:
        if self._connection is not None and _has_ended(self._connection):
            # Found before anything is asked of it, nobody need hear of it.
            await self.close()
        if self._connection is None:
            # Beside the loop: to know where the embedded server listens it may have to be started.
            parameters = await asyncio.to_thread(_where_to_connect)
            self._connection = await psycopg.AsyncConnection.connect(autocommit=True, **parameters)
            # Which database this is takes a look into files, and stays the same for this connection.
            await self._connection.execute("select set_config('app.epoch', database_epoch(), false)")
        self.is_asked = True
        told = await ask_for(self._connection, some)
        if len(told) != len(some):
            # It was done, but what is whose answer?
            raise ValueError(f"{len(some)} were asked for, and {len(told)} answers came")
        self.is_asked = False
        return told

    async def leave(self, asking: asyncio.Task[Any]) -> None:
        """Give the connection up; psycopg itself waits a while for a server that says nothing."""
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await self.close()

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        self._connection, self.is_asked = None, False


def _has_ended(connection: Connection) -> bool:
    """Whether the server, or the line, let go of a connection of which nothing is asked.

    A line that is silent looks as if it were there.
    """
    try:
        # Once for the server's last words, and once for the end that follows them.
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return True
    return False


def _trouble_of(asking: asyncio.Task[Any]) -> BaseException | None:
    if not asking.done():
        return TimeoutError()
    return asyncio.CancelledError() if asking.cancelled() else asking.exception()


def _in_django_s_words(trouble: BaseException) -> BaseException:
    """What only says that the database is away, or busy, needs no traceback in the log."""
    is_away = isinstance(trouble, psycopg.OperationalError | OSError)
    return OperationalError(f"{type(trouble).__name__} {trouble}".strip()) if is_away else trouble


def _was_refused(trouble: BaseException) -> bool:
    """Whether the server said no, and took back what it had done; not that it, or the line, went away."""
    sqlstate: str = getattr(trouble, "sqlstate", None) or ""
    return bool(sqlstate) and not sqlstate.startswith(("08", "57P"))


def _refuse(some: _Asking[Any, Any], why: type[Exception]) -> None:
    for _, told in some:
        if not told.done():
            told.set_exception(why())


def _where_to_connect() -> dict[str, Any]:
    """Django's own parameters of its connection, with less patience."""
    parameters = connections["default"].get_connection_params()
    parameters["options"] += _TIMEOUTS
    # A few statements again and again: planned once, where Django's connection plans each anew.
    parameters["prepare_threshold"] = 2
    # What is of Django's connection, which waits.
    return {name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
