"""The addresses of sockets."""

from __future__ import annotations

from typing import Any

from channels.routing import URLRouter
from django.urls import path

from sessions_app.live.consumers import LiveConsumer

_routes = URLRouter([path("projects/<uuid:project_id>/live/", LiveConsumer.as_asgi(), name="live")])


async def sockets(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI
    """Serve a socket; an address that has none is refused like one that is not for this person."""
    try:
        await _routes(scope, receive, send)
    except ValueError as unknown:
        if "No route found" not in str(unknown):
            raise
        await send({"type": "websocket.close"})
