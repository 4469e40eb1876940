"""One request of a connection by HTTP/2, with the limits that a whole connection has by HTTP/1.1."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from twisted.internet import reactor
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.web._http2 import H2Stream

from sessions_app.management.web import refused
from sessions_app.management.web.limits import BODY_SECONDS, HEADER_BYTES, is_too_large

# So much of an answer may wait to be sent before no more of it is made.
WAITING_BYTES = 64 * 1024
# An answer that was made, and of which nothing more is taken for so long, is given up.
STANDSTILL_SECONDS = 60.0

Headers = list[tuple[bytes, bytes]]


class Stream(H2Stream):  # type: ignore[misc]
    """See the module; to its request it is what a `Connection` is."""

    def __init__(self, stream_id: int, connection: Any, headers: Headers, *others: Any) -> None:  # noqa: ANN401
        self.is_all_here = self.is_refused = False
        # Cleared while the other end takes less than is written.
        self._has_room = asyncio.Event()
        self._has_room.set()
        # Until the request is all here, and later until its answer is all sent.
        self._deadline: Any = None
        self._wait(BODY_SECONDS, self._too_slow)
        super().__init__(stream_id, connection, _with_one_cookie(headers), *others)

    @property
    def is_half_sent(self) -> bool:
        """A request has begun to come in and is not all here."""
        return not self.is_all_here and not self.is_refused

    def check(self, headers: Headers) -> None:
        """Refuse what can be seen to be too much before its body comes."""
        for name, value in headers:
            if len(name) + len(value) > HEADER_BYTES:
                is_bearer = name == b"authorization"
                self.refuse(
                    HTTPStatus.UNAUTHORIZED if is_bearer else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                )
            elif name == b"content-length":
                self.may_have(int(value))
        if self.path is None:
            # CONNECT, which names no place here.
            self.refuse(HTTPStatus.NOT_IMPLEMENTED)

    # --- what Twisted calls ------------------------------------------------------------------

    def receiveDataChunk(self, data: bytes, flowControlledLength: int) -> None:  # noqa: N802, N803
        if self.is_refused:
            self._conn.openStreamWindow(self.streamID, flowControlledLength)
        else:
            super().receiveDataChunk(data, flowControlledLength)

    def requestComplete(self) -> None:  # noqa: N802
        self.is_all_here = True
        if not self.is_refused:
            self._wait(None)
            super().requestComplete()

    def requestDone(self, request: Any) -> None:  # noqa: N802, ANN401
        super().requestDone(request)
        self._wait(STANDSTILL_SECONDS, self.cut_off)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802, ANN401
        if not self.is_refused and not self._request.finished:
            super().connectionLost(reason)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802
        self.refuse(HTTPStatus.BAD_REQUEST)

    # --- what its request and its connection ask ----------------------------------------------

    def say_last(self, _request: object) -> None:
        """An answer of a server that ends: by HTTP/2 the connection says so, not the answer."""

    def may_have(self, body_bytes: int) -> bool:
        """Whether a body may be so large; if not, the request is refused."""
        if is_too_large(body_bytes):
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return not self.is_refused

    def refuse(self, status: int) -> None:
        """Answer a request that is not all here, once; the connection stops what still comes of it."""
        if self.is_refused:
            return
        self.is_refused = True
        self._wait(STANDSTILL_SECONDS, self.cut_off)
        self._request.connectionLost(Failure(ConnectionLost("refused")))
        told, text = refused.answer(status, self.command or b"", self.path or b"")
        headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        self._conn.writeHeaders(b"HTTP/2", str(int(status)).encode(), b"", headers, self.streamID)
        self.write(text)
        self.loseConnection()

    def give_up(self) -> None:
        """Answer 503 where the application has not answered in time."""
        if self.is_all_here and not self._request.finished and not self._request.has_begun:
            self._request.basic_error(503, b"Service Unavailable", "This server is being restarted.")

    def cut_off(self) -> None:
        """End it in the middle, and nothing else of the connection."""
        self._conn.cut_off(self.streamID)

    async def room(self) -> None:
        """Wait until the other end has taken what was written, but for a little, or is gone."""
        if self.waiting_bytes > WAITING_BYTES:
            self._has_room.clear()
        await self._has_room.wait()

    @property
    def waiting_bytes(self) -> int:
        """How much of its answer waits to be sent."""
        return int(self._conn.waiting_bytes(self.streamID))

    def sent(self) -> None:
        """A piece of its answer has left."""
        if self.waiting_bytes <= WAITING_BYTES:
            self._has_room.set()
        if self._request.finished or self.is_refused:
            self._wait(STANDSTILL_SECONDS, self.cut_off)

    def over(self) -> None:
        """Nothing is left of it: whoever waits for it waits for nobody any more."""
        self._has_room.set()
        self._wait(None)

    def _wait(self, seconds: float | None, then: Callable[[], None] = lambda: None) -> None:
        """Do that after so long, in place of what was waited for until now; None is not at all."""
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None if seconds is None else reactor.callLater(seconds, then)

    def _too_slow(self) -> None:
        self.refuse(HTTPStatus.REQUEST_TIMEOUT)


def _with_one_cookie(headers: Headers) -> Headers:
    """Browsers send each cookie in a header of its own; all there is reads one."""
    cookies = [value for name, value in headers if name == b"cookie"]
    others = [pair for pair in headers if pair[0] != b"cookie"]
    return [*others, (b"cookie", b"; ".join(cookies))] if cookies else others
