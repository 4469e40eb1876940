"""Requests that have begun: half of one, its headers without its body, a body without an end."""

from __future__ import annotations

import select
import socket
from contextlib import suppress

from tests.commands.raw import AnyBrowser, Raw

PIECE = b"x" * 16_384


def half_sent(port: int) -> Raw:
    """A connection on which the headers of a request have begun."""
    return Raw(port).send("GET /livez HTTP/1.1", "Host: 127.0.0.1")


def posting(port: int, length: int, *more: str, path: str = "/account/login/") -> Raw:
    """A connection on which a form's headers are through, its body not; `length` 0: it is not told."""
    return Raw(port).send(
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded",
        *([f"Content-Length: {length}"] if length else []),
        *more,
        "",
    )


def asking(port: int, browser: AnyBrowser, path: str) -> Raw:
    """A connection on which a signed-in page is asked for."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return Raw(port).send(f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookies}", "")


def is_answered(client: Raw) -> bool:
    """Whether something has come back."""
    # Not select(): it knows no more than 1,024 files.
    poll = select.poll()
    poll.register(client.tcp, select.POLLIN)
    return bool(poll.poll(0))


def sent_until_refused(flood: Raw, most: int, *, chunked: bool) -> int:
    """Send a body of `most` bytes until the server has enough; returns how many bytes it took."""
    piece = b"4000\r\n" + PIECE + b"\r\n" if chunked else PIECE
    # What the kernel keeps for us is not what the server took.
    flood.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    sent = 0
    with suppress(OSError):
        while sent < most:
            flood.tcp.sendall(piece)
            sent += len(piece)
    flood.tcp.close()
    return sent
