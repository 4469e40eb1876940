"""The addresses of sockets."""

from __future__ import annotations

from uuid import UUID

from django.urls.resolvers import RoutePattern

from sessions_app.asgi import Receive, Scope, Send
from sessions_app.live.line import live

ROUTES = ((RoutePattern("/projects/<uuid:project_id>/live/", is_endpoint=True), live),)


async def sockets(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a socket; an address that has none is refused like one that is not for this person."""
    for pattern, serve in ROUTES:
        if found := pattern.match(scope["path"]):
            await serve(UUID(str(found[2]["project_id"])), scope, receive, send)
            return
    await send({"type": "websocket.close"})
