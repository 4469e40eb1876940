"""Answers under way: a stop, a fault and a slow reader do to them what they should, and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import daphne.server  # noqa: F401 -- chooses Twisted's reactor, before anybody asks for it
import pytest
from daphne.http_protocol import HTTPFactory
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from sessions_app.management.web.connection import Connection
from sessions_app.management.web.server import DRAIN_SECONDS, HTTP_TIMEOUT_SECONDS, WebServer

Send = Callable[[dict[str, Any]], Awaitable[None]]

START = {"type": "http.response.start", "status": 200, "headers": []}
END_OF_CHUNKS = b"0\r\n\r\n"


def piece(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


class Transport(StringTransport):
    """One that may be told twice that nobody produces any more, as a real one may."""

    def unregisterProducer(self) -> None:  # noqa: N802
        self.producer = None


class Line:
    """A browser's line to a server with one application, on which it has asked for a page."""

    def __init__(self, application: Callable[[Send], Awaitable[None]]) -> None:
        async def asgi(scope: object, receive: object, send: Send) -> None:
            await application(send)

        self.server = WebServer(asgi, "127.0.0.1", 0, announce=lambda: None)
        # What its `run` would make.
        self.server.connections = {}
        factory = HTTPFactory(self.server)
        factory.protocol = Connection
        self.connection = factory.buildProtocol(None)
        self.transport = Transport()
        self.transport.protocol = self.connection
        self.connection.makeConnection(self.transport)
        self.connection.dataReceived(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        self.request = self.connection.requests[0]

    def stop(self) -> None:
        """As if it had been asked to end, and had waited for this answer as long as it does."""
        self.server.draining_since = time.monotonic() - DRAIN_SECONDS - 0.1
        self.server._drain_further()

    @property
    def sent(self) -> bytes:
        return bytes(self.transport.value())


def tell(
    application: Callable[[Send], Awaitable[None]],
    story: Callable[[Line], Awaitable[None]],
    *,
    is_full: bool = False,
) -> None:
    """Run a story in a loop of its own; the line is lost at its end, and may be full from the beginning."""

    async def run() -> None:
        line = Line(application)
        if is_full:
            # As its transport does when it has more to send than it likes.
            line.connection.pauseProducing()
        await settled()
        try:
            await story(line)
        finally:
            line.connection.connectionLost(Failure(ConnectionError()))

    asyncio.run(run())


async def settled() -> None:
    """Let the application go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def hangs(_send: Send) -> None:
    await asyncio.Event().wait()


async def begins_and_hangs(send: Send) -> None:
    await send(START)
    await hangs(send)


async def is_half_done_and_hangs(send: Send) -> None:
    await send(START)
    await send(piece(b"half"))
    await hangs(send)


def test_a_stop_says_so_where_nothing_has_begun() -> None:
    async def story(line: Line) -> None:
        line.stop()
        assert line.sent.startswith(b"HTTP/1.1 503 ")
        assert line.transport.disconnecting

    tell(hangs, story)


@pytest.mark.parametrize("application", [begins_and_hangs, is_half_done_and_hangs])
def test_a_stop_hangs_up_on_an_answer_that_has_begun(application: Callable[[Send], Awaitable[None]]) -> None:
    """Also on one of which nothing was sent yet: its status cannot be said twice."""

    async def story(line: Line) -> None:
        line.stop()
        assert line.transport.disconnecting
        assert not line.sent.endswith(END_OF_CHUNKS)

    tell(application, story)


@pytest.mark.parametrize("application", [begins_and_hangs, is_half_done_and_hangs])
def test_a_fault_in_the_middle_breaks_the_answer_off(application: Callable[[Send], Awaitable[None]]) -> None:
    """Ended in order it would look whole; and it is no trouble of whoever looks after all answers."""

    async def story(line: Line) -> None:
        line.request.handle_exception(ValueError("in the second batch"))
        assert line.transport.disconnecting
        assert not line.sent.endswith(END_OF_CHUNKS)

    tell(application, story)


def test_an_answer_that_stands_still_is_broken_off() -> None:
    """However long it takes as a whole."""

    async def story(line: Line) -> None:
        line.request.request_start -= 10 * HTTP_TIMEOUT_SECONDS
        line.request.check_timeouts()
        assert not line.transport.disconnecting
        line.request.progressed_at -= HTTP_TIMEOUT_SECONDS + 1
        line.request.check_timeouts()
        assert line.transport.disconnecting
        assert b"half" in line.sent
        assert not line.sent.endswith(END_OF_CHUNKS)

    tell(is_half_done_and_hangs, story)


def test_an_answer_that_ended_is_left_alone() -> None:
    async def whole(send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"all"})

    async def story(line: Line) -> None:
        line.request.progressed_at -= HTTP_TIMEOUT_SECONDS + 1
        line.request.check_timeouts()
        assert not line.transport.disconnecting

    tell(whole, story)


@pytest.mark.parametrize("is_gone", [False, True], ids=["reads on", "hangs up"])
def test_no_more_is_made_than_is_taken(is_gone: bool) -> None:
    made = []

    async def streams(send: Send) -> None:
        await send(START)
        for number in range(3):
            made.append(number)
            await send(piece(b"x" * 1024))

    async def story(line: Line) -> None:
        assert made == [0]
        if is_gone:
            line.connection.connectionLost(Failure(ConnectionError()))
        else:
            line.connection.resumeProducing()
        await settled()
        assert made == [0, 1, 2]

    tell(streams, story, is_full=True)


def test_what_is_made_after_the_end_is_for_nobody() -> None:
    """The server gave the answer itself, and its application comes late."""
    late = asyncio.Event()
    made = []

    async def comes_late(send: Send) -> None:
        await late.wait()
        await send(START)
        await send(piece(b"x"))
        made.append("x")

    async def story(line: Line) -> None:
        line.stop()
        late.set()
        await settled()
        assert made == ["x"]
        assert b"HTTP/1.1 503 " in line.sent

    tell(comes_late, story)
