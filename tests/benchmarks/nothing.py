"""An ASGI application that does nothing: what the server and the load itself come to."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.raw_asgi import respond


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await respond(send, 200, b"{}")
