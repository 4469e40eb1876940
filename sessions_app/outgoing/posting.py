"""One POST to an address somebody gave us: it is not trusted, and it has little time."""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Mapping

import httpcore2
from django.conf import settings

from sessions_app.outgoing.connecting import Guard, Refused, Unknown
from sessions_app.services.deliveries import Outcome

CONNECT_SECONDS = 5.0
READ_SECONDS = WRITE_SECONDS = 10.0
WHOLE_SECONDS = 20.0
# More of an answer is not read: its status says all.
ANSWER_MAX_BYTES = 64 * 1024
GONE = 410


def post(
    url: str, headers: Mapping[str, str], body: bytes, *, whole_seconds: float = WHOLE_SECONDS
) -> Outcome:
    """Send a body; a 2xx is success. Follows no redirect and uses no proxy.

    Whatever the receiver does, nothing is raised: the outcome says it, in words for the webhook's owner.
    """
    deadline = time.monotonic() + whole_seconds
    guard = Guard(deadline=deadline, allow_private=settings.WEBHOOK_ALLOW_PRIVATE)
    limits = {
        "connect": CONNECT_SECONDS,
        "read": READ_SECONDS,
        "write": WRITE_SECONDS,
        "pool": CONNECT_SECONDS,
    }
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=guard, retries=0) as pool,
            pool.stream(
                "POST",
                url,
                headers=list(headers.items()),
                content=body,
                extensions={"timeout": limits},
            ) as response,
        ):
            _read_some(response)
            return _judged(response.status)
    except _TROUBLE as trouble:
        if isinstance(trouble, httpcore2.TimeoutException) and time.monotonic() >= deadline:
            return Outcome(error=f"not done within {whole_seconds:.0f} s")
        return Outcome(error=_words(trouble))


# All that a connection can come to, and an address that no request can be made for.
_TROUBLE = (
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)


def _read_some(response: httpcore2.Response) -> None:
    """Let the receiver finish its answer, if that is short: cut off, it might take it for a failure."""
    read = 0
    try:
        for chunk in response.iter_stream():
            read += len(chunk)
            if read >= ANSWER_MAX_BYTES:
                return
    except _TROUBLE:
        # Its status is told already.
        return


def _judged(status: int) -> Outcome:
    if 200 <= status <= 299:
        return Outcome(status)
    if 300 <= status <= 399:
        return Outcome(status, f"answered {status}: redirects are not followed")
    if status == GONE:
        return Outcome(status, f"answered {status}: it wants no more", is_final=True)
    return Outcome(status, f"answered {status}")


def _words(trouble: Exception) -> str:
    match trouble:
        case Refused():
            return "its name leads to a private or local address, where nothing is sent"
        case Unknown():
            return "its name is not known"
        case httpcore2.ConnectTimeout():
            return f"no connection within {CONNECT_SECONDS:.0f} s"
        case httpcore2.TimeoutException():
            return f"no answer within {READ_SECONDS:.0f} s"
        case httpcore2.ConnectError():
            return f"no connection: {trouble}"
        case httpcore2.ProtocolError() | httpcore2.UnsupportedProtocol():
            return f"does not speak HTTP as it should: {trouble}"
    return f"the connection broke: {trouble}"


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpcore2.default_ssl_context()
