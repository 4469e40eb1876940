"""HTTP/2: each request on a shared connection keeps the limits that a connection of its own would have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import daphne.server  # noqa: F401 -- chooses Twisted's reactor, before anybody asks for it
import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest
from daphne.http_protocol import HTTPFactory
from hyperframe.frame import GoAwayFrame
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from sessions_app.management.web import multiplexed, stream
from sessions_app.management.web.connection import Connection
from sessions_app.management.web.limits import BODY_SECONDS, HEADERS_SECONDS
from sessions_app.management.web.resets import A_SECOND, AT_ONCE
from sessions_app.management.web.server import DRAIN_SECONDS, WebServer
from sessions_app.management.web.stream import STANDSTILL_SECONDS, WAITING_BYTES
from tests.management.test_web_answers import Transport, piece

Scope = dict[str, Any]
Send = Callable[[Scope], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]

START = {"type": "http.response.start", "status": 200, "headers": [(b"X-Said", b"yes")]}
MIB = 1024 * 1024


class Browser:
    """A browser's side of a connection by HTTP/2 to a server with one application."""

    def __init__(self, application: Application, clock: Clock) -> None:
        async def asgi(scope: Scope, receive: object, send: Send) -> None:
            await application(scope, receive, send)

        self.server, self.clock = WebServer(asgi, "127.0.0.1", 0, announce=lambda: None), clock
        # What its `run` would make.
        self.server.connections = {}
        factory = HTTPFactory(self.server)
        factory.protocol = Connection
        self.transport = Transport()
        self.transport.negotiatedProtocol = b"h2"
        self.transport.wrappedProtocol = factory.buildProtocol(None)
        self.transport.wrappedProtocol.makeConnection(self.transport)
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.answers: dict[int, dict[str, str]] = {}
        self.bodies: dict[int, bytes] = {}
        self.over: dict[int, str] = {}
        self.is_told_to_go = False
        # Off: what comes is not taken in, so that no more may be sent.
        self.takes = True

    async def start(self) -> None:
        self.http.initiate_connection()
        await self.settled()

    async def settled(self) -> None:
        """Let both sides and the application go as far as they can."""
        for _ in range(30):
            if data := self.http.data_to_send():
                self.transport.wrappedProtocol.dataReceived(data)
            self.clock.advance(0)
            await asyncio.sleep(0)
            said = bytes(self.transport.value())
            self.transport.clear()
            for event in self.http.receive_data(self._without_farewell(said)):
                self._note(event)

    def _without_farewell(self, said: bytes) -> bytes:
        """h2 would hear nothing after a GOAWAY; browsers go on to the end of what they asked before."""
        kept = b""
        while said:
            size = 9 + int.from_bytes(said[:3], "big")
            frame, said = said[:size], said[size:]
            if frame[3] == GoAwayFrame.type:
                self.is_told_to_go = True
            else:
                kept += frame
        return kept

    def _note(self, event: Any) -> None:
        number = getattr(event, "stream_id", 0)
        if isinstance(event, h2.events.ResponseReceived):
            self.answers[number] = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            self.bodies[number] = self.bodies.get(number, b"") + event.data
            if self.takes:
                self.http.acknowledge_received_data(event.flow_controlled_length, number)
        elif isinstance(event, h2.events.StreamEnded):
            self.over.setdefault(number, "ended")
        elif isinstance(event, h2.events.StreamReset):
            self.over.setdefault(number, "reset")

    async def ask(self, method: str = "GET", *more: tuple[str, str], ends: bool = True) -> int:
        """Ask for /x; the number of the stream."""
        number = self.http.get_next_available_stream_id()
        place = [(":scheme", "https"), (":authority", "x"), (":path", "/x")]
        self.http.send_headers(number, [(":method", method), *place, *more], end_stream=ends)
        await self.settled()
        return number

    async def send(self, number: int, size: int) -> None:
        """Send so much of a body, as far as it is wanted."""
        while size and number not in self.over:
            part = min(size, 16_000, self.http.local_flow_control_window(number))
            self.http.send_data(number, b"x" * part)
            size -= part
            await self.settled()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of all deadlines."""
    clock = Clock()
    for module in (multiplexed, stream):
        monkeypatch.setattr(module, "reactor", clock)
    return clock


def tell(application: Application, clock: Clock, story: Callable[[Browser], Awaitable[None]]) -> None:
    """Run a story in a loop of its own; the connection is lost at its end."""

    async def run() -> None:
        browser = Browser(application, clock)
        await browser.start()
        try:
            await story(browser)
        finally:
            browser.transport.wrappedProtocol.connectionLost(Failure(ConnectionError()))

    asyncio.run(run())


async def says_yes(_scope: Scope, _receive: object, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"yes"})


async def hangs(_scope: Scope, _receive: object, _send: Send) -> None:
    await asyncio.Event().wait()


def test_many_are_answered_at_once_by_one_connection(clock: Clock) -> None:
    async def story(browser: Browser) -> None:
        numbers = [await browser.ask() for _ in range(3)]
        for number in numbers:
            assert browser.answers[number][":status"] == "200"
            assert browser.answers[number]["x-said"] == "yes"
            assert "server" not in browser.answers[number]
            assert (browser.bodies[number], browser.over[number]) == (b"yes", "ended")

    tell(says_yes, clock, story)


def test_cookies_come_as_one_header(clock: Clock) -> None:
    """Browsers send each by itself, so that it is packed well."""
    seen = []

    async def notes(scope: Scope, receive: object, send: Send) -> None:
        seen.append([value for name, value in scope["headers"] if name == b"cookie"])
        await says_yes(scope, receive, send)

    async def story(browser: Browser) -> None:
        await browser.ask("GET", ("cookie", "a=1"), ("cookie", "b=2"))
        assert seen == [[b"a=1; b=2"]]

    tell(notes, clock, story)


@pytest.mark.parametrize("is_told", [True, False], ids=["with its length", "without"])
def test_a_body_too_large_is_refused_and_the_others_go_on(clock: Clock, is_told: bool) -> None:
    async def story(browser: Browser) -> None:
        length = [("content-length", str(3 * MIB))] if is_told else []
        number = await browser.ask("POST", *length, ends=False)
        if not is_told:
            await browser.send(number, 3 * MIB)
        assert browser.answers[number][":status"] == "413"
        assert browser.answers[number]["x-content-type-options"] == "nosniff"
        assert browser.bodies[number] == b"Request Entity Too Large\n"
        other = await browser.ask()
        assert browser.answers[other][":status"] == "200"
        # The server knows that nobody waits for it any more.
        assert all("disconnected" in known for known in browser.server.connections.values())

    tell(says_yes, clock, story)


@pytest.mark.parametrize(("name", "status"), [("x-large", "431"), ("authorization", "401")])
def test_a_header_too_long_is_refused(clock: Clock, name: str, status: str) -> None:
    async def story(browser: Browser) -> None:
        number = await browser.ask("GET", (name, "x" * 17_000))
        assert browser.answers[number][":status"] == status

    tell(says_yes, clock, story)


def test_a_body_that_trickles_is_given_up(clock: Clock) -> None:
    async def story(browser: Browser) -> None:
        number, other = await browser.ask("POST", ends=False), await browser.ask()
        clock.advance(BODY_SECONDS - 1)
        await browser.send(number, 1)
        assert number not in browser.answers
        clock.advance(2)
        await browser.settled()
        assert browser.answers[number][":status"] == "408"
        assert not browser.transport.disconnecting
        assert browser.over[other] == "ended"

    tell(says_yes, clock, story)


def test_headers_that_trickle_end_the_connection(clock: Clock) -> None:
    async def story(browser: Browser) -> None:
        place = [(":scheme", "https"), (":authority", "x"), (":path", "/x")]
        browser.http.send_headers(1, [(":method", "GET"), *place])
        whole = browser.http.data_to_send()
        for at in range(3):
            browser.transport.wrappedProtocol.dataReceived(whole[at : at + 1])
            clock.advance(HEADERS_SECONDS / 3 - 0.1)
        assert not browser.transport.disconnecting
        clock.advance(1)
        assert browser.transport.disconnecting

    tell(says_yes, clock, story)


@pytest.mark.parametrize("by_itself", [True, False], ids=["one by one", "all at once"])
def test_who_calls_off_too_much_is_hung_up_on(clock: Clock, by_itself: bool) -> None:
    """CVE-2023-44487: a stream that is reset makes room for the next, however much is still at work on it."""
    begun = []

    async def notes(_scope: Scope, receive: Callable[[], Awaitable[object]], _send: Send) -> None:
        begun.append(True)
        await receive()
        await receive()

    async def story(browser: Browser) -> None:
        async def call_off(count: int) -> None:
            for _ in range(count):
                number = browser.http.get_next_available_stream_id()
                place = [(":scheme", "https"), (":authority", "x"), (":path", "/x")]
                browser.http.send_headers(number, [(":method", "GET"), *place], end_stream=True)
                browser.http.reset_stream(number)
                if by_itself:
                    browser.transport.wrappedProtocol.dataReceived(browser.http.data_to_send())
            await browser.settled()

        await call_off(AT_ONCE)
        clock.advance(1)
        await call_off(A_SECOND)
        assert not browser.transport.disconnecting
        had = len(begun)
        waiting = await browser.ask()
        await call_off(AT_ONCE)
        assert browser.is_told_to_go
        assert browser.transport.disconnecting
        assert len(begun) == had + 1
        assert waiting not in browser.answers
        assert not browser.transport.wrappedProtocol.streams

    tell(notes, clock, story)


def test_no_more_is_made_than_is_taken(clock: Clock) -> None:
    made = []

    async def streams(_scope: Scope, _receive: object, send: Send) -> None:
        await send(START)
        for number in range(20):
            made.append(number)
            await send(piece(b"x" * WAITING_BYTES))
        await send({"type": "http.response.body"})

    async def story(browser: Browser) -> None:
        browser.takes = False
        number = await browser.ask()
        # What fits the window, what waits, and the one that waits to be put in.
        assert len(made) <= 3
        browser.takes = True
        browser.http.acknowledge_received_data(len(browser.bodies[number]), number)
        for _ in range(20):
            await browser.settled()
        assert len(made) == 20
        assert (len(browser.bodies[number]), browser.over[number]) == (20 * WAITING_BYTES, "ended")

    tell(streams, clock, story)


def test_an_answer_that_nobody_takes_is_given_up(clock: Clock) -> None:
    async def large(_scope: Scope, _receive: object, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"x" * 200_000})

    async def story(browser: Browser) -> None:
        browser.takes = False
        number = await browser.ask()
        clock.advance(STANDSTILL_SECONDS - 1)
        await browser.settled()
        assert number not in browser.over
        clock.advance(2)
        await browser.settled()
        assert browser.over[number] == "reset"
        assert not browser.transport.disconnecting

    tell(large, clock, story)


def test_a_window_that_a_setting_opens_is_used(clock: Clock) -> None:
    async def story(browser: Browser) -> None:
        key = h2.settings.SettingCodes.INITIAL_WINDOW_SIZE
        browser.http.update_settings({key: 0})
        number = await browser.ask()
        assert number not in browser.bodies
        # Nothing turns in a circle meanwhile.
        assert all(call.getTime() > clock.seconds() for call in clock.getDelayedCalls())
        browser.http.update_settings({key: 1000})
        await browser.settled()
        assert (browser.bodies[number], browser.over[number]) == (b"yes", "ended")

    tell(says_yes, clock, story)


def test_a_stop_answers_who_waits_and_takes_nothing_new(clock: Clock) -> None:
    async def story(browser: Browser) -> None:
        waiting, half = await browser.ask(), await browser.ask("POST", ends=False)
        browser.server.draining_since = time.monotonic() - DRAIN_SECONDS - 0.1
        late = await browser.ask()
        assert browser.is_told_to_go
        assert browser.over[late] == "reset"
        connection = browser.transport.wrappedProtocol
        assert connection in browser.server.http_connections
        assert connection.is_half_sent
        connection.refuse(503)
        connection.give_up()
        await browser.settled()
        assert {browser.answers[number][":status"] for number in (waiting, half)} == {"503"}
        assert browser.over[waiting] == "ended"
        assert connection.is_idle
        connection.loseConnection()
        assert browser.transport.disconnecting

    tell(hangs, clock, story)


def test_an_answer_broken_off_is_not_taken_for_whole(clock: Clock) -> None:
    async def half(_scope: Scope, _receive: object, send: Send) -> None:
        await send(START)
        await send(piece(b"half"))
        await hangs(_scope, _receive, send)

    async def story(browser: Browser) -> None:
        number = await browser.ask()
        request = next(iter(browser.server.connections))
        request.handle_exception(ValueError("in the second batch"))
        await browser.settled()
        assert browser.over[number] == "reset"
        assert not browser.transport.disconnecting

    tell(half, clock, story)
