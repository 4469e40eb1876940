"""The addresses of sockets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls.resolvers import RoutePattern

from sessions_app.live.line import live

_LIVE = RoutePattern("/projects/<uuid:project_id>/live/", is_endpoint=True)


async def sockets(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI
    """Serve a socket; an address that has none is refused like one that is not for this person."""
    found = _LIVE.match(scope["path"])
    if found is None:
        await send({"type": "websocket.close"})
    else:
        await live(UUID(str(found[2]["project_id"])), scope, receive, send)
