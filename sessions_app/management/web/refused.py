"""A request that the server itself answers: counted as the others are, and worded for whoever sent it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from sessions_app.api import verbs
from sessions_app.headers import beside_django
from sessions_app.metrics import answered, intake
from sessions_app.metrics.observed import Observed, observing, request_id
from sessions_app.metrics.routes import UNREAD, door_at
from sessions_app.problems import NOT_SIGNED_IN, RETRY_AFTER_SECONDS, TOO_LARGE, problem

_DETAILS = {
    HTTPStatus.BAD_REQUEST: "This is no HTTP/1.1: its first line, a header or a chunk.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TOO_LARGE,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "A header is longer than 16 KB.",
    HTTPStatus.UNAUTHORIZED: "This token is not good (any more).",
}


def count(
    observed: Observed, status: int, method: bytes, uri: bytes, *, seconds: float = 0.0, brought: bool = True
) -> None:
    """Count a request that nobody will see who counts the others, and what it `brought` to an intake."""
    word = method.decode("latin-1")
    answered.count(observed, route=UNREAD, method=word, status=status, seconds=seconds)
    if word == "POST" and brought and (door := door_at(verbs.meant(word, _path(uri)))):
        intake.count_answer(door, observed, status)


def answer(status: int, method: bytes, uri: bytes) -> tuple[dict[str, str], bytes]:
    """The headers and body for a request that is not all here; it is counted."""
    with observing(request_id(None)) as observed:
        count(observed, status, method, uri)
        kind, text = worded(status, uri)
    return headers(status, kind, text, observed.id), text


def headers(status: int, kind: str, text: bytes, request_id: str) -> dict[str, str]:
    """What an answer of the server itself carries: its kind, what every answer does, its request's name."""
    found = {
        "Content-Type": kind,
        "Content-Length": str(len(text)),
        **beside_django(),
        answered.HEADER: request_id,
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        found["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if status == HTTPStatus.UNAUTHORIZED:
        found["WWW-Authenticate"] = NOT_SIGNED_IN
    return found


def head(status: int, told: Mapping[str, str]) -> bytes:
    """The same written out, up to the body, where nobody else writes it."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *map(": ".join, told.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def messages(status: int, kind: str, text: bytes, request_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The whole answer, as an application would send it."""
    told = [
        (name.encode(), value.encode()) for name, value in headers(status, kind, text, request_id).items()
    ]
    start = {"type": "http.response.start", "status": int(status), "headers": told}
    return start, {"type": "http.response.body", "body": text}


async def ask_to_come_again(
    scope: Mapping[str, Any],
    send: Callable[[dict[str, Any]], Awaitable[None]],
    observed: Observed,
    *,
    seconds: float,
) -> None:
    """Answer a request, in an application's place, that nothing can be done for just now."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    uri = scope.get("raw_path") or scope["path"].encode()
    count(observed, status, scope["method"].encode(), uri, seconds=seconds)
    kind, text = worded(status, uri)
    for message in messages(status, kind, text, observed.id):
        await send(message)


def is_programs(uri: bytes) -> bool:
    """Whether programs ask there, which read an error as JSON."""
    return uri.startswith((b"/api/", b"/mcp"))


def worded(status: int, uri: bytes) -> tuple[str, bytes]:
    """The content type and body of a refusal: what programs read as an error, a line for browsers."""
    phrase = HTTPStatus(status).phrase
    if is_programs(uri):
        answer = problem(status, _DETAILS.get(HTTPStatus(status), f"{phrase}."))
        return answer.headers["Content-Type"], answer.content
    return "text/plain; charset=utf-8", f"{phrase}\n".encode()


def _path(uri: bytes) -> str:
    return unquote(uri.partition(b"?")[0].decode("latin-1"))
