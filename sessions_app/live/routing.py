"""The addresses of sockets."""

from __future__ import annotations

from collections.abc import Awaitable
from uuid import UUID

from django.urls.resolvers import RoutePattern

from sessions_app.asgi import Receive, Scope, Send
from sessions_app.live.line import live

ROUTES = ((RoutePattern("/projects/<uuid:project_id>/live/", is_endpoint=True), live),)


def sockets(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Serve a socket; an address that has none is refused like one that is not for this person.

    What serves it is all that is there while it is open: no frame of this.
    """
    for pattern, serve in ROUTES:
        if found := pattern.match(scope["path"]):
            return serve(UUID(str(found[2]["project_id"])), scope, receive, send)
    return send({"type": "websocket.close"})
