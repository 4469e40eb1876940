"""Answers to requests that are sent byte for byte, each on a connection of its own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from tests.commands.raw import Raw, RawSocket

HANDSHAKE = (
    "Upgrade: websocket",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)
FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"


@dataclass(frozen=True)
class Answer:
    """One answer, complete; its headers by their names in lower case, each with all its values."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def __getitem__(self, name: str) -> str:
        """A header's value; several become one, as a browser reads them; "" without it."""
        return ", ".join(self.headers.get(name, []))


def sent(port: int, request: bytes) -> Answer:
    """What is answered to these bytes until the server hangs up."""
    client = Raw(port)
    # It may have enough before it was sent all.
    with suppress(OSError):
        client.tcp.sendall(request)
    head, _, body = client.rest().partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    assert status.startswith("HTTP/1."), client.received[:200]
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        headers.setdefault(name.lower(), []).append(value)
    return Answer(int(status.split()[1]), headers, body)


def ask(port: int, line: str, *headers: str, host: str | None = None, body: str = "") -> Answer:
    """What is answered to `line`, a method and an address, with these headers; by its own Host or another."""
    # A handshake is refused on a connection that ends by itself.
    host = f"127.0.0.1:{port}" if host is None else host
    connection = "Upgrade" if HANDSHAKE[0] in headers else "close"
    told = [f"Content-Length: {len(body.encode())}"] if body else []
    lines = [f"{line} HTTP/1.1", f"Host: {host}", f"Connection: {connection}", *headers, *told, "", ""]
    return sent(port, "\r\n".join(lines).encode("latin-1") + body.encode())


def shake(port: int, path: str, *headers: str) -> tuple[RawSocket, int]:
    """Ask for a socket; a header of a handshake's own that is among `headers` is sent as it is there.

    Returns the line, and the status of the answer: 0 when there was none.
    """
    given = {header.partition(":")[0] for header in headers}
    own = [
        header
        for header in (f"Host: 127.0.0.1:{port}", "Connection: Upgrade", *HANDSHAKE)
        if header.partition(":")[0] not in given
    ]
    line = RawSocket(port)
    line.send(f"GET {path} HTTP/1.1", *own, *headers, "")
    with suppress(ConnectionResetError):
        while b"\r\n\r\n" not in line.received and (piece := line.tcp.recv(65_536)):
            line.received += piece
    head, _, line.received = line.received.partition(b"\r\n\r\n")
    return line, int(head.split()[1]) if head else 0
