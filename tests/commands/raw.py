"""Clients that do what no library would: send half a request, hold it, or speak a socket by hand."""

from __future__ import annotations

import base64
import os
import socket
import struct
from dataclasses import dataclass, field
from typing import Protocol


class AnyBrowser(Protocol):
    """Whoever holds cookies of a place."""

    cookies: dict[str, str]

    @property
    def base(self) -> str: ...


# Those of the test that runs, for whoever cleans up after it.
OPENED: list[socket.socket] = []


def hang_up() -> None:
    """Close what the test that ran left open."""
    while OPENED:
        OPENED.pop().close()


@dataclass
class Raw:
    """A TCP connection to a server, byte for byte."""

    port: int
    received: bytes = b""
    tcp: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.tcp = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        OPENED.append(self.tcp)

    def send(self, *lines: str) -> Raw:
        """Send lines of a request; an empty one ends its headers."""
        self.tcp.sendall("".join(f"{line}\r\n" for line in lines).encode())
        return self

    def rest(self) -> bytes:
        """All that still comes until the server hangs up."""
        while True:
            try:
                piece = self.tcp.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                self.tcp.close()
                return self.received
            self.received += piece

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the one answer that comes until the server hangs up, complete."""
        head, _, body = self.rest().partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        assert status.startswith("HTTP/1.1 "), self.received
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        if "content-length" in headers:
            assert len(body) == int(headers["content-length"])
        else:
            assert body.endswith(b"0\r\n\r\n")
        return int(status.split()[1]), headers, body


class RawSocket(Raw):
    """A WebSocket by hand: text frames out, frames in."""

    def open(self, browser: AnyBrowser, path: str, *more: str) -> str:
        """Shake hands as this browser's page would; returns the head of the answer."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        self.send(
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            f"Origin: {browser.base}",
            f"Cookie: {cookies}",
            *more,
            "",
        )
        while b"\r\n\r\n" not in self.received:
            piece = self.tcp.recv(65536)
            assert piece, self.received
            self.received += piece
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        return head.decode()

    def say(self, text: bytes) -> None:
        """Send a text frame, masked as a client must."""
        self.tcp.sendall(_head_of_text(len(text)) + text)

    def announce(self, size: int) -> None:
        """Send the head of a text frame of so many bytes, and nothing of the text."""
        self.tcp.sendall(_head_of_text(size))

    def frame(self) -> tuple[int, bytes]:
        """The next frame: its kind (1: text, 8: the end) and what it holds."""
        kind, size = self._take(2)
        size &= 0x7F
        if size >= 126:
            size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
        return kind & 0x0F, self._take(size)

    def close_code(self) -> int:
        """Read on until the server closes it; returns with which code."""
        while True:
            kind, content = self.frame()
            if kind == 8:
                return int.from_bytes(content[:2], "big")

    def _take(self, count: int) -> bytes:
        while len(self.received) < count:
            piece = self.tcp.recv(65536)
            assert piece, "the server hung up without a word"
            self.received += piece
        taken, self.received = self.received[:count], self.received[count:]
        return taken


def _head_of_text(size: int) -> bytes:
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65536:
        length = b"\xfe" + struct.pack(">H", size)
    else:
        length = b"\xff" + struct.pack(">Q", size)
    # A mask of zeros leaves the text as it is.
    return b"\x81" + length + bytes(4)
