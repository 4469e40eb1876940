"""Connections that go where they may, and end when they must."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore2

from sessions_app.outgoing.addresses import is_public, resolve


class Refused(httpcore2.ConnectError):
    """The name leads to no address that deliveries may go to."""


class Unknown(httpcore2.ConnectError):
    """The name leads nowhere."""


class Overdue(httpcore2.TimeoutException):
    """The whole took too long, whatever its parts took."""


class Guard(httpcore2.NetworkBackend):
    """Looks a name up, judges what it leads to, and connects to exactly the address that was judged.

    A second look-up could be told another address than the first one. TLS and the Host header go on
    speaking of the name. `deadline` is a moment of time.monotonic() at which all is over.
    """

    def __init__(self, *, deadline: float, allow_private: bool) -> None:
        self.deadline, self.allow_private = deadline, allow_private
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address that answers; `timeout` is for the look-up and all of them."""
        until = time.monotonic() + _limit(self.deadline, timeout)
        allowed = self._allowed(host, port, until)
        for left, address in zip(range(len(allowed), 0, -1), allowed, strict=True):
            share = max(until - time.monotonic(), 0.01) / left
            try:
                stream = self._backend.connect_tcp(address, port, share, local_address, socket_options or ())
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if left == 1:
                    raise
            else:
                return _Timed(stream, self.deadline)
        raise AssertionError("the last one returns or raises")

    def _allowed(self, host: str, port: int, until: float) -> list[str]:
        try:
            found = resolve(host, port, _limit(until, None))
        except TimeoutError as late:
            raise httpcore2.ConnectTimeout(str(late)) from late
        except OSError as unknown:
            raise Unknown(host) from unknown
        allowed = found if self.allow_private else [address for address in found if is_public(address)]
        if not allowed:
            raise Refused(host)
        return allowed


class _Timed(httpcore2.NetworkStream):
    """A stream with an end: one that sends a byte every few seconds keeps no limit of a single read."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _limit(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _limit(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        limit = _limit(self._deadline, timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, limit), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 -- as the base class has it
        return self._stream.get_extra_info(info)


def _limit(deadline: float, timeout: float | None) -> float:
    """How long a part may take. Raises Overdue when the whole is over."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise Overdue
    return left if timeout is None else min(left, timeout)
