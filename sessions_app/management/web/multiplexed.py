"""A browser's connection by HTTP/2: many requests at once, each a stream with limits of its own."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Any

import h2.errors
import h2.events
import h2.exceptions
from hyperframe.frame import GoAwayFrame
from priority import DuplicateStreamError
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.web._http2 import _END_STREAM_SENTINEL, H2Connection

from sessions_app.management.web.limits import HEADERS_SECONDS
from sessions_app.management.web.resets import Resets
from sessions_app.management.web.stream import Stream

_OF_A_STREAM = (h2.events.DataReceived, h2.events.StreamEnded, h2.events.StreamReset)


class Multiplexed(H2Connection):  # type: ignore[misc]
    """See the module; to the server that drains it is what a `Connection` is."""

    is_upgraded = False
    _sendingDeferred: Any  # noqa: N815 -- Twisted's name

    def __init__(self) -> None:
        super().__init__(reactor)
        self._receive, self.conn.receive_data = self.conn.receive_data, self._received
        # Runs while a frame, or headers in several, have come in part.
        self._deadline: Any = None
        self._has_said_to_go = False
        self._resets = Resets(reactor.seconds())

    @property
    def is_idle(self) -> bool:
        """Nothing comes in and nothing is being answered."""
        return not self.streams

    @property
    def is_half_sent(self) -> bool:
        """A request has begun to come in and is not all here."""
        return any(stream.is_half_sent for stream in self.streams.values())

    # --- what Twisted calls ------------------------------------------------------------------

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self.factory.server.http_connections.add(self)

    def connectionLost(self, reason: Any, _cancelTimeouts: bool = True) -> None:  # noqa: N802, N803, ANN401
        self._expect_more(False)
        self.factory.server.http_connections.discard(self)
        super().connectionLost(reason, _cancelTimeouts)

    def _received(self, data: bytes) -> list[Any]:
        """What the bytes that came say; of a stream that is over, or that comes too late, nothing."""
        events, known = self._receive(data), set(self.streams)
        # A frame that is not all here says nothing, and headers neither until their last frame.
        self._expect_more(not events)
        heard = [event for event in events if self._is_heard(event, known)]
        self._check_resets(heard)
        return heard

    def _check_resets(self, events: list[Any]) -> None:
        """Raise DenialOfServiceError, which ends the connection, where too much that began is called off.

        Before any of these events has begun: Twisted's own limit lets all begin that came at once.
        """
        count = sum(isinstance(event, h2.events.StreamReset) for event in events)
        if count and self._resets.are_too_many(count, reactor.seconds()):
            self.conn.close_connection(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
            raise h2.exceptions.DenialOfServiceError("too many streams reset")

    def _is_heard(self, event: Any, known: set[int]) -> bool:  # noqa: ANN401
        if isinstance(event, h2.events.RequestReceived):
            if self.factory.server.is_draining:
                self._say_to_go()
                self.conn.reset_stream(event.stream_id, h2.errors.ErrorCodes.REFUSED_STREAM)
                return False
            known.add(event.stream_id)
        elif isinstance(event, h2.events.RemoteSettingsChanged):
            # Every window may be larger now; Twisted looks only at what says so frame by frame.
            self._reactor.callLater(
                0, self._handleWindowUpdate, h2.events.WindowUpdated(stream_id=0, delta=0)
            )
        return not isinstance(event, _OF_A_STREAM) or event.stream_id in known

    def _requestReceived(self, event: Any) -> None:  # noqa: N802, ANN401
        # As Twisted does it, with our kind of stream.
        number = event.stream_id
        stream = Stream(number, self, event.headers, self.requestFactory, self.site, self.factory)
        self.streams[number] = stream
        self._streamCleanupCallbacks[number] = Deferred()
        self._outboundStreamQueues[number] = deque()
        with suppress(DuplicateStreamError):
            self.priority.insert_stream(number)
            self.priority.block(number)
        stream.check(event.headers)

    def _handleWindowUpdate(self, event: Any) -> None:  # noqa: N802, ANN401
        super()._handleWindowUpdate(event)
        self._send_on()

    def _sendPrioritisedData(self, *_args: Any) -> None:  # noqa: N802, ANN401
        # Twisted would try a stream that has no window over and over.
        for number, queue in self._outboundStreamQueues.items():
            has_data = queue and queue[0] is not _END_STREAM_SENTINEL
            if has_data and self.conn.local_flow_control_window(number) <= 0:
                self.priority.block(number)
        before = {number: self.waiting_bytes(number) for number in self.streams}
        super()._sendPrioritisedData()
        for number, stream in self.streams.items():
            if self.waiting_bytes(number) < before[number]:
                stream.sent()

    def _requestDone(self, streamID: int) -> None:  # noqa: N802, N803
        stream = self.streams[streamID]
        super()._requestDone(streamID)
        stream.over()
        if not stream.is_all_here and self._stillProducing:
            # Its answer is on its way: nobody needs the rest of it.
            with suppress(h2.exceptions.ProtocolError):
                self.conn.reset_stream(streamID, h2.errors.ErrorCodes.NO_ERROR)
            self._tryToWriteControlData()

    # --- what its streams and the server ask --------------------------------------------------

    def waiting_bytes(self, number: int) -> int:
        """How much of a stream's answer waits to be sent."""
        queue = self._outboundStreamQueues.get(number, ())
        return sum(len(piece) for piece in queue if piece is not _END_STREAM_SENTINEL)

    def cut_off(self, number: int) -> None:
        """End a stream in the middle."""
        if stream := self.streams.get(number):
            stream.connectionLost(Failure(ConnectionLost("cut off")))
            # What is left of it is nobody's.
            stream.is_all_here = True
            self.abortRequest(number)

    def refuse(self, status: int) -> None:
        """Answer the requests that are not all here."""
        for stream in list(self.streams.values()):
            if stream.is_half_sent:
                stream.refuse(status)

    def give_up(self) -> None:
        """Answer 503 where the application has not answered in time; it is over when that is sent."""
        for stream in list(self.streams.values()):
            stream.give_up()

    def loseConnection(self) -> None:  # noqa: N802 -- as Twisted names it
        """Say so, and hang up."""
        self._say_to_go()
        self.transport.loseConnection()

    def _say_to_go(self) -> None:
        """Have new requests sent elsewhere; h2 itself could then send no answers any more."""
        if not self._has_said_to_go:
            self._has_said_to_go = True
            last = self.conn.highest_inbound_stream_id
            self.transport.write(GoAwayFrame(0, last_stream_id=last).serialize())

    def _send_on(self) -> None:
        if self._sendingDeferred is not None:
            waiting, self._sendingDeferred = self._sendingDeferred, None
            waiting.callback(None)

    def _expect_more(self, is_due: bool) -> None:
        """Hang up when what came in part is not all here in time; a deadline that runs goes on."""
        if is_due and self._deadline is None:
            self._deadline = reactor.callLater(HEADERS_SECONDS, self.transport.abortConnection)
        elif not is_due and self._deadline is not None:
            if self._deadline.active():
                self._deadline.cancel()
            self._deadline = None
