"""Open pages by the thousand, each but a line that takes in what comes and says that it shows it.

As lean as can be, so that what is measured is the server: no frame is copied, none is parsed beyond its
length and its version.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

_VERSION = re.compile(rb'"version": ?"(\d+)\.(\d+)"')
_PUSH = re.compile(rb'"type": ?"panels"')
# What names a push stands in the first bytes of its frame.
_BEGINNING = 160
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


@dataclass(eq=False)
class Reader(asyncio.Protocol):
    """One line; `took` is told of each push: by whom, the project's version, and its bytes."""

    head: bytes
    epoch: str
    version: int
    member: int
    took: Callable[[Reader, int, int], None]
    # Whether it says what it shows, as pages do.
    acknowledges: bool = True
    closed_with: int | None = None
    opened: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _kept: bytearray = field(default_factory=bytearray)
    _transport: asyncio.WriteTransport | None = None
    _is_open: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._transport.write(self.head)

    def data_received(self, data: bytes) -> None:
        self._kept += data
        if not self._is_open:
            end = self._kept.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._kept.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(bytes(self._kept[:100])))
                return
            del self._kept[: end + 4]
            self._is_open = True
            self.opened.set_result(None)
        while self._take_frame():
            pass

    def connection_lost(self, _error: Exception | None) -> None:
        self.closed_with = self.closed_with or 1006
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed"))

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def say_where(self) -> None:
        """Say what it shows."""
        if self.acknowledges and self.closed_with is None:
            self._say(b'{"since": "%s:%d.%d"}' % (self.epoch.encode(), self.version, self.member))

    def _say(self, text: bytes, kind: int = _TEXT) -> None:
        # Masked by zeros, which leave it as it is.
        length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
        self._transport.write(bytes([0x80 | kind]) + length + b"\0\0\0\0" + text)

    def _take_frame(self) -> bool:
        kept = self._kept
        if len(kept) < 2:
            return False
        length, start = kept[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(kept[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(kept[2:10], "big"), 10
        if len(kept) < start + length or len(kept) < start:
            return False
        self._take(kept[0] & 15, bytes(kept[start : start + min(length, _BEGINNING)]), length)
        del kept[: start + length]
        return True

    def _take(self, kind: int, beginning: bytes, length: int) -> None:
        if kind == _PING:
            self._say(beginning, _PONG)
        elif kind == _CLOSE:
            self.closed_with = int.from_bytes(beginning[:2], "big")
        elif kind == _TEXT and _PUSH.search(beginning):
            found = _VERSION.search(beginning)
            self.version, self.member = int(found[1]), int(found[2])
            self.say_where()
            self.took(self, self.version, length)


def head_of(port: int, path: str, cookies: str = "") -> bytes:
    """A handshake as a page's browser sends it."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        f"Origin: http://127.0.0.1:{port}",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Language: en-US,en;q=0.9",
        f"Cookie: {cookies}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()
