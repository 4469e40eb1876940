"""The ASGI application, as daphne serves it."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_router = ProtocolTypeRouter({"http": get_asgi_application()})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI
    """Serve at the root whatever a client says: daphne takes a Daphne-Root-Path header from anybody."""
    await _router({**scope, "root_path": ""}, receive, send)
