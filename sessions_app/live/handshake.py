"""What whoever opens a socket says of themselves: where from, and by what right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from sessions_app.asgi import Scope, Send
from sessions_app.services.bearers import token_in


@dataclass(frozen=True)
class Handshake:
    """The parts of a handshake that decide. None: not said; "": said, but not so that it counts."""

    host: str
    origin: str | None
    cookies: str
    bearer: str | None
    ticket: str | None
    since: str | None
    # A page that was loaded just now, and got nothing since.
    is_fresh: bool

    @property
    def is_programs(self) -> bool:
        """Whether it is a program's: then cookies do not count, and it hears hints only."""
        return self.bearer is not None or self.ticket is not None


def handshake_of(scope: dict[str, Any]) -> Handshake:
    """Read an ASGI scope. What is there twice counts as nothing: nobody knows which is meant."""
    said = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    ticket, since = (_one(said.get(name, [])) for name in ("ticket", "since"))
    authorization, bearer = _one(_headers(scope, b"authorization")), None
    # A proxy's own kind of Authorization is the browser's affair, and says nothing to us.
    if authorization == "" or (authorization or "").lower().startswith("bearer"):
        bearer = token_in(authorization or "")
    if bearer is not None and ticket is not None:
        bearer = ticket = ""
    return Handshake(
        host=_one(_headers(scope, b"host")) or "",
        origin=_one(_headers(scope, b"origin")),
        cookies="; ".join(_headers(scope, b"cookie")),
        bearer=bearer,
        ticket=ticket,
        since=since,
        is_fresh="fresh" in said,
    )


def forget(scope: Scope, send: Send) -> None:
    """Let go of what a handshake said, once it is answered: an open socket does not need it.

    Its server would hold it as long as the socket is open. uvicorn does so three times over (as it was read,
    as it was answered, and a scope of its own), which is more than all that is kept of a socket here.
    """
    if isinstance(scope["headers"], list):
        scope["headers"].clear()
    scope.clear()
    server: Any = getattr(send, "__self__", None)
    # uvicorn's names; where it could not be answered, what is said of that needs the scope.
    request = getattr(server, "request", None)
    if request is not None and getattr(server, "handshake_complete", False):
        # Emptied too: whatever reads its frames has the request as well, and its own middleware the scope.
        request.headers.clear()
        server.scope.clear()
        vars(server).update(request=None, response=None, scope=None)


def _headers(scope: dict[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for given, value in scope["headers"] if given == name]


def _one(values: list[str]) -> str | None:
    if not values:
        return None
    return values[0] if len(values) == 1 else ""
