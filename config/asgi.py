"""The ASGI application, for daphne or any other server."""

import os
from typing import Any
from urllib.parse import quote_from_bytes

from sessions_app.pages import pages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_django = pages()

# Only now: models can be imported once Django is set up.
from sessions_app.asgi import Application  # noqa: E402
from sessions_app.assets.door import StaticDoor  # noqa: E402
from sessions_app.hot.door import HotDoor  # noqa: E402
from sessions_app.lifespan import lifespan  # noqa: E402
from sessions_app.live.routing import sockets  # noqa: E402
from sessions_app.management.web.turns import Turns, turns_there_are  # noqa: E402
from sessions_app.mcp import door  # noqa: E402


async def _http(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI
    """MCP is spoken by its own SDK; everything else is Django's."""
    await (door.mcp if scope["path"] in door.PATHS else _django)(scope, receive, send)


_ASCII = bytes(range(128))

# What is known is told without a turn: it costs next to nothing.
_pages = StaticDoor(HotDoor(Turns(_http, turns_there_are())))
_served: dict[str, Application] = {"http": _pages, "websocket": sockets, "lifespan": lifespan}


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI
    """Serve at the root whatever a client says: daphne takes a Daphne-Root-Path header from anybody."""
    scope = {**scope, "root_path": ""}
    if not scope.get("query_string", b"").isascii():
        # As browsers send it. daphne refuses other bytes, and Django those that are no UTF-8, without a word.
        scope["query_string"] = quote_from_bytes(scope["query_string"], safe=_ASCII).encode()
    await _served[scope["type"]](scope, receive, send)
