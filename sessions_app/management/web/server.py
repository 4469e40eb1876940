"""daphne's server, which ends without cutting anybody off, and takes from nobody more than it must."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

# Before anything of Twisted's, which would choose another reactor than asyncio's.
from daphne.server import Server  # isort: skip
from daphne.endpoints import build_endpoint_description_strings
from twisted.internet import reactor

from sessions_app.asgi import Application, Scope
from sessions_app.management.web import tls
from sessions_app.management.web.connection import Connection
from sessions_app.management.web.inbox import Inbox
from sessions_app.management.web.multiplexed import Multiplexed
from sessions_app.management.web.request import Request
from sessions_app.management.web.socket import LiveSocket

# A page that takes so long to begin is given up, and an answer that stands still for so long.
HTTP_TIMEOUT_SECONDS = 60
# Far more than any page of ours says on its socket.
SOCKET_MESSAGE_MAX_BYTES = 64 * 1024

# After being asked to end: a request that is still being sent gets 503 after so long,
HALF_SENT_SECONDS = 4.0
# a page that is still being made after so long,
DRAIN_SECONDS = 9.0
# a socket is waited for so long to agree to its end,
SOCKET_SECONDS = 2.0
# and what is cancelled then is waited for so long.
CANCEL_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.05


class WebServer(Server):  # type: ignore[misc]
    """See the module. `run()` returns when it was asked to end, by `end_soon()` or `end_now()`, and has."""

    def __init__(
        self,
        application: Application,
        host: str,
        port: int,
        announce: Callable[[], None],
        on_drain: Callable[[], object] = lambda: None,
        speaks: Any = None,  # noqa: ANN401 -- Twisted's
    ) -> None:
        """`announce` is called once it listens, `on_drain` when it begins to end.

        `speaks` is what TLS is spoken with (`tls.options()`); without it none is.
        """
        super().__init__(
            application,
            endpoints=build_endpoint_description_strings(host=host, port=port),
            signal_handlers=False,
            http_timeout=HTTP_TIMEOUT_SECONDS,
            websocket_max_message_size=SOCKET_MESSAGE_MAX_BYTES,
            websocket_max_frame_size=SOCKET_MESSAGE_MAX_BYTES,
            # The name of the server's software is nobody's business.
            server_name="",
            ready_callable=announce,
        )
        self.on_drain = on_drain
        self.speaks = speaks
        self.ports: list[Any] = []
        self.http_connections: weakref.WeakSet[Connection | Multiplexed] = weakref.WeakSet()
        self.draining_since: float | None = None
        # Whether it was asked to end at once: nobody is waited for any more.
        self.is_hurried = False

    def end_soon(self) -> None:
        """Have it drain and end; from any thread, and from a signal's handler."""
        reactor.callFromThread(self.drain)

    def end_now(self) -> None:
        """Have it end without waiting for anybody; likewise."""
        self.is_hurried = True
        reactor.callFromThread(self.stop)

    def listen_success(self, port: Any) -> None:  # noqa: ANN401 -- Twisted's
        """Have our own kinds of connection made at this port."""
        super().listen_success(port)
        self.ports.append(port)
        if self.speaks:
            port.factory = tls.spoken_by(self.http_factory, self.speaks)
        self.http_factory.protocol = Connection
        self.ws_factory.protocol = LiveSocket
        # A message that is too large is answered with 1009, not by dropping the connection.
        self.ws_factory.setProtocolOptions(failByDrop=False)
        LiveSocket.take_options_of(self.ws_factory)

    def create_application(self, protocol: Any, scope: Scope) -> Any:  # noqa: ANN401 -- daphne's
        """Begin to serve a request or a socket; returns where what comes from the other end is put."""
        if not isinstance(protocol, LiveSocket):
            return super().create_application(protocol, scope)
        inbox = Inbox()
        served = self.application(
            {"asgi": {"version": "3.0"}, **scope}, inbox.get, partial(self.handle_reply, protocol)
        )
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(served)
        return inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:  # noqa: ANN401 -- daphne's
        """Hand on what an application says; it goes on when there is room for more.

        daphne would keep what is not taken in memory: of everybody who reads slowly a whole file.
        """
        await super().handle_reply(protocol, message)
        if message.get("more_body") and isinstance(protocol, Request):
            await protocol.room()

    @property
    def is_draining(self) -> bool:
        return self.draining_since is not None

    def drain(self) -> None:
        """Take no more connections, answer what is under way, close the sockets with 1012, stop."""
        self.draining_since = time.monotonic()
        for port in self.ports:
            port.stopListening()
        self.on_drain()
        self._drain_further()

    def _drain_further(self) -> None:
        assert self.draining_since is not None
        passed = time.monotonic() - self.draining_since
        sockets = [each for each in self.connections if isinstance(each, LiveSocket)]
        for socket in sockets:
            socket.restart()
        for connection in list(self.http_connections):
            if connection.is_idle:
                connection.loseConnection()
            elif connection.is_half_sent and passed > HALF_SENT_SECONDS:
                connection.refuse(503)
            elif passed > DRAIN_SECONDS:
                connection.give_up()
        open_sockets = passed < SOCKET_SECONDS and any(socket.is_up for socket in sockets)
        if (open_sockets or len(self.http_connections)) and passed < DRAIN_SECONDS + CANCEL_SECONDS:
            reactor.callLater(LOOK_EVERY_SECONDS, self._drain_further)
        else:
            self.stop()

    def kill_all_applications(self) -> Any:  # noqa: ANN401 -- Twisted's Deferred
        """Cancel what still runs; daphne's own stumbles over a connection without a request."""
        for protocol, details in list(self.connections.items()):
            if "application_instance" not in details:
                del self.connections[protocol]
        killed = super().kill_all_applications()
        killed.addTimeout(CANCEL_SECONDS, reactor)
        return killed.addErrback(lambda _late: None)
