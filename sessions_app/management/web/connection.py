"""One browser's connection: how long it may take to ask, how much, and how it is turned away."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from twisted.internet import reactor
from twisted.web.http import HTTPChannel

from sessions_app.management.web import refused
from sessions_app.management.web.limits import BODY_SECONDS, HEADERS_SECONDS, is_too_large
from sessions_app.management.web.multiplexed import Multiplexed
from sessions_app.management.web.request import Request

# After a refusal so much is still read and dropped, for so long: else the browser hears "connection
# reset" while it sends, instead of the answer.
DROPPED_BYTES = 512 * 1024
LINGER_SECONDS = 2.0


class Connection(HTTPChannel):  # type: ignore[misc]
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.is_answering = False
        self.is_refused = False
        self._dropped_bytes = 0
        # Cleared while the other end takes less than is written.
        self._has_room = asyncio.Event()
        self._has_room.set()
        # Runs while a request is being received.
        self._deadline: Any = None

    @property
    def is_upgraded(self) -> bool:
        """A socket has taken the connection over."""
        # By TLS its transport is one that wraps it.
        wearer = getattr(self.transport, "wrappedProtocol", None) or getattr(self.transport, "protocol", None)
        return wearer is not self

    @property
    def is_half_sent(self) -> bool:
        """A request has begun to come in and is not all here."""
        return self._deadline is not None

    @property
    def is_idle(self) -> bool:
        """Nothing comes in and nothing is being answered."""
        return not (self.is_half_sent or self.is_answering or self.is_refused or self.is_upgraded)

    # --- what Twisted calls ------------------------------------------------------------------

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self.requestFactory = Request
        self.factory.server.http_connections.add(self)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802, ANN401
        self._received()
        # Whoever waits for it waits for nobody any more.
        self._has_room.set()
        self.factory.server.http_connections.discard(self)
        super().connectionLost(reason)

    def pauseProducing(self) -> None:  # noqa: N802
        super().pauseProducing()
        self._has_room.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        super().resumeProducing()
        self._has_room.set()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.is_refused:
            self._drop(data)
            return
        if getattr(self.transport, "negotiatedProtocol", None) == b"h2":
            self._speak_http2(data)
            return
        if not self.is_answering and not self.is_half_sent:
            self._expect_within(HEADERS_SECONDS)
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        if self.is_refused:
            self._drop(line)
        else:
            super().lineReceived(line)

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.is_refused:
            self._drop(data)
        else:
            super().rawDataReceived(data)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802
        # Twisted would hang up without a word.
        is_bearer = line[:14].lower() == b"authorization:"
        self.refuse(HTTPStatus.UNAUTHORIZED if is_bearer else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802
        # Twisted would say a bare 400 that has no name and that nobody counts.
        self.refuse(HTTPStatus.BAD_REQUEST)

    def allHeadersReceived(self) -> None:  # noqa: N802
        self._expect_within(BODY_SECONDS)
        if self.may_have(self.length or 0):
            super().allHeadersReceived()

    def allContentReceived(self) -> None:  # noqa: N802
        if self.is_refused:
            return
        self._received()
        self.is_answering = True
        super().allContentReceived()
        if self.is_upgraded:
            self.factory.server.http_connections.discard(self)
            self._let_go()

    def _let_go(self) -> None:
        # A socket has taken over: what belongs to its request, a third of its memory, is held no longer.
        if self.transport is not None:
            self.transport.unregisterProducer()
        self.requests.clear()

    def requestDone(self, request: Request) -> None:  # noqa: N802
        self.is_answering = False
        super().requestDone(request)

    async def room(self) -> None:
        """Wait until the other end has taken what was written, but for a little, or is gone."""
        await self._has_room.wait()

    def say_last(self, request: Request) -> None:
        """Let this answer be the connection's last one, and say so."""
        self.persistent = False
        request.setHeader(b"Connection", b"close")

    def cut_off(self) -> None:
        """End in the middle."""
        self.transport.abortConnection()

    def _speak_http2(self, data: bytes) -> None:
        """Hand the connection over, for that was agreed on with TLS."""
        self._received()
        self.setTimeout(None)
        self._networkProducer.unregisterProducer()
        other = Multiplexed()
        other.requestFactory, other.factory = Request, self.factory
        other.timeOut, other.callLater = self.timeOut, self.callLater
        self.factory.server.http_connections.discard(self)
        self.transport.wrappedProtocol = other
        other.makeConnection(self.transport)
        self._networkProducer.registerProducer(other, True)
        other.dataReceived(data)

    # --- limits ------------------------------------------------------------------------------

    def may_have(self, body_bytes: int) -> bool:
        """Whether a body may be so large; if not, the request is refused."""
        if is_too_large(body_bytes):
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return not self.is_refused

    def refuse(self, status: int) -> None:
        """Answer a request that is not all here, and hang up; once, whatever else is wrong with it."""
        self._received()
        if self.is_refused:
            return
        self.is_refused = True
        told, text = refused.answer(status, getattr(self, "_command", b""), getattr(self, "_path", b""))
        told["Connection"] = "close"
        self.transport.unregisterProducer()
        self.transport.resumeProducing()
        self.transport.write(refused.head(status, told) + text)
        self.transport.loseWriteConnection()
        reactor.callLater(LINGER_SECONDS, self.transport.abortConnection)

    def give_up(self) -> None:
        """Answer 503 where the application has not answered in time, and hang up."""
        for request in list(self.requests):
            # One that has begun, also if nothing of it was sent yet, cannot become another any more.
            if not request.has_begun:
                request.basic_error(503, b"Service Unavailable", "This server is being restarted.")
        self.loseConnection()

    def _drop(self, data: bytes) -> None:
        self._dropped_bytes += len(data)
        if self._dropped_bytes > DROPPED_BYTES:
            self.transport.abortConnection()

    def _expect_within(self, seconds: float) -> None:
        self._received()
        self._deadline = reactor.callLater(seconds, self._too_slow)

    def _received(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        self.refuse(408)
