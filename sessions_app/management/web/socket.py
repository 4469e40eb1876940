"""A page's live socket, as daphne speaks it."""

from __future__ import annotations

import functools
from typing import Any

from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import tcp

from sessions_app.headers import beside_django
from sessions_app.management.web import refused

# "The server restarts": the page comes back by itself.
SERVICE_RESTART = 1012
FLOOD = 1008
# More than anybody may say (live/line.py): what comes faster than it is heard is not kept.
MOST_UNHEARD = 100


# The same text goes to many, one after the other.
@functools.lru_cache(maxsize=4)
def frame_of(text: str) -> bytes:
    """One whole text message as a server sends it (RFC 6455, 5.2): not masked, not compressed."""
    payload = text.encode()
    if len(payload) < 126:
        head = bytes((0x81, len(payload)))
    elif len(payload) < 1 << 16:
        head = b"\x81\x7e" + len(payload).to_bytes(2, "big")
    else:
        head = b"\x81\x7f" + len(payload).to_bytes(8, "big")
    return head + payload


class LiveSocket(WebSocketProtocol):  # type: ignore[misc]
    """See the module."""

    maxMessagePayloadSize: int  # noqa: N815 -- autobahn's name

    @property
    def is_up(self) -> bool:
        return bool(self.state != self.STATE_CLOSED)

    @classmethod
    def take_options_of(cls, factory: Any) -> None:  # noqa: ANN401 -- daphne's
        """Have the factory's options as the kind's own: autobahn would copy each of them to every socket."""
        for name in cls.CONFIG_ATTRS:
            option = getattr(factory, name)
            setattr(cls, name, staticmethod(option) if callable(option) else option)

    def onOpen(self) -> None:  # noqa: N802 -- autobahn's name
        """Forget what the handshake said: the application has read it, and there are thousands of sockets."""
        super().onOpen()
        self.clean_headers.clear()
        self.http_headers = self.request.headers = {}
        self.http_request_data = self.http_response_data = b""

    def restart(self) -> None:
        """Tell the page that this server ends, once."""
        if self.state == self.STATE_OPEN:
            self.serverClose(SERVICE_RESTART)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 -- autobahn's names
        """Hand a message over, unless the socket is being closed or nobody comes after with hearing."""
        if self.state != self.STATE_OPEN:
            return
        if self.application_queue.qsize() < MOST_UNHEARD:
            super().onMessage(payload, isBinary)
        else:
            self.serverClose(FLOOD)

    def sendHttpErrorResponse(self, code: int, _reason: str, more: Any = None) -> None:  # noqa: N802, ANN401
        """Refuse a handshake: with the headers of every answer, and nothing in it of what was sent."""
        told = {**beside_django(), "Content-Length": "0", "Connection": "close", **dict(more or ())}
        self.sendData(refused.head(code, told))

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802
        """Send a text of any size, as one frame; the limit of messages is for what pages say.

        autobahn would write each frame anew, and word a line of a log for it that nobody reads: half
        of what it takes to tell a thousand pages the same.
        """
        if self.state == self.STATE_OPEN and isinstance(content, str) and not binary:
            self._write(frame_of(content))
        else:
            super().serverSend(content, binary)

    def _write(self, frame: bytes) -> None:
        transport = self.transport
        if isinstance(transport, tcp.Connection) and not (transport.dataBuffer or transport._tempDataBuffer):
            # At once: Twisted would wait for a turn of its loop for each of them.
            sent = transport.writeSomeData(frame)
            frame = frame[sent:] if isinstance(sent, int) else frame
        if frame:
            transport.write(frame)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 -- daphne's name
        """Close with any code.

        autobahn's sendClose() takes only those an application made up; ours are also 1008, 1009, 1012
        and 1013, which say to every browser what is meant.
        """
        self.sendCloseFrame(code=1000 if code is None else code)
