"""A load that costs its own machine little: ready-made bytes, kept connections, so many requests in flight.

It shares the processors with what it measures, so it does the least: it looks for the status and the length
of an answer and reads no more of it. Its own ceiling stands in each table, measured on a server that does
nothing: a figure close to that says more about the client.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

HEAD_ENDS, LENGTH = b"\r\n\r\n", b"content-length:"
# An answer that takes longer is none.
PATIENCE_SECONDS = 30


class Refused(Exception):
    """An answer with another status than was expected."""


@dataclass
class Load:
    """What came of it. Times in seconds."""

    seconds: float = 0
    times: list[float] = field(default_factory=list)
    # The numbers of the requests that were answered as expected, in the order they were answered.
    answered: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    @property
    def median(self) -> float:
        return statistics.median(self.times)


def request(
    path: str, headers: Mapping[str, str], *, method: str = "GET", body: bytes = b"", host: str = "127.0.0.1"
) -> bytes:
    """A request as bytes."""
    told = {"Host": host, **headers} | ({"Content-Length": str(len(body))} if method != "GET" else {})
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def drive(
    port: int,
    requests: Iterable[bytes],
    *,
    seconds: float = 0,
    in_flight: int = 16,
    expected: int = 200,
    may_break: bool = False,
) -> Load:
    """Send the requests, `in_flight` at a time, to their end, or for some seconds: a list again and again.

    `may_break`: the server may be killed meanwhile; what was answered until then is told.
    Raises Refused for an answer with another status, ConnectionError when the server hangs up.
    """
    is_again = seconds and isinstance(requests, list)
    sent = itertools.cycle(requests) if is_again else iter(requests)
    return asyncio.run(_drive(port, sent, seconds, in_flight, expected, may_break))


async def _drive(
    port: int, requests: Iterator[bytes], seconds: float, in_flight: int, expected: int, may_break: bool
) -> Load:
    load, loop = Load(), asyncio.get_running_loop()
    until = time.perf_counter() + seconds if seconds else float("inf")
    numbered = enumerate(requests)
    lines = []
    for _ in range(in_flight):
        _, line = await loop.create_connection(
            lambda: _Line(load, numbered, until, f" {expected} ".encode()), "127.0.0.1", port
        )
        lines.append(line)
    started = time.perf_counter()
    for line in lines:
        line.send()
    ends = await asyncio.gather(*(line.ended for line in lines), return_exceptions=True)
    load.seconds = time.perf_counter() - started
    for line in lines:
        line.transport.close()
    broken = [end for end in ends if isinstance(end, BaseException)]
    for end in broken:
        if not (may_break and isinstance(end, ConnectionError)):
            raise end
    return load


class _Line(asyncio.Protocol):
    """One kept connection: sends a request, waits for its whole answer, sends the next."""

    transport: asyncio.Transport

    def __init__(
        self, load: Load, numbered: Iterator[tuple[int, bytes]], until: float, expected: bytes
    ) -> None:
        self.load, self.numbered, self.until, self.expected = load, numbered, until, expected
        self.ended = asyncio.get_running_loop().create_future()
        self.got, self.whole, self.number, self.sent = b"", 0, 0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def send(self) -> None:
        self.sent = time.perf_counter()
        if self.sent >= self.until or not (following := next(self.numbered, None)):
            self._end(None)
            return
        self.number, line = following
        self.got, self.whole = b"", 0
        self.transport.write(line)

    def data_received(self, data: bytes) -> None:
        self.got = self.got + data if self.got else data
        if not self.whole and not self._read_head():
            return
        if len(self.got) >= self.whole:
            self.load.times.append(time.perf_counter() - self.sent)
            self.load.answered.append(self.number)
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(ConnectionError("the server hung up"))

    def _read_head(self) -> bool:
        """Note how long the answer is, once its head is there."""
        end = self.got.find(HEAD_ENDS)
        if end < 0:
            return False
        head = self.got[:end].lower()
        if self.expected not in head[:16]:
            self._end(Refused(self.got[:30] + b" ... " + self.got[-400:]))
            return False
        at = head.find(LENGTH)
        if at >= 0:
            length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0])
        elif b" 304 " in head[:16] or b" 204 " in head[:16]:
            length = 0
        else:
            self._end(Refused(b"an answer without its length: " + self.got[:600]))
            return False
        self.whole = end + len(HEAD_ENDS) + length
        return True

    def _end(self, trouble: Exception | None) -> None:
        if self.ended.done():
            return
        if trouble:
            self.ended.set_exception(trouble)
        else:
            self.ended.set_result(None)
