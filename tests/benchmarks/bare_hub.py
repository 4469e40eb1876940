"""A bare hub: a set of sockets, a direct send to each, one wake-up from outside. The floor of live panels.

It asks nobody whether they may, keeps nothing, and what it sends is made once.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

_sends: set[Any] = set()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """A socket anywhere; a request with `?version=…&bytes=…&mark=…` is the wake-up."""
    if scope["type"] == "websocket":
        await _socket(receive, send)
    elif scope["type"] == "http":
        said = parse_qs(scope["query_string"].decode())
        await _push(int(said["version"][0]), int(said["bytes"][0]), said["mark"][0])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _socket(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    _sends.add(send)
    try:
        while (await receive())["type"] != "websocket.disconnect":
            pass
    finally:
        _sends.discard(send)


async def _push(version: int, size: int, mark: str) -> None:
    text = json.dumps({"type": "panels", "version": f"{version}.0", "mark": mark, "content": "x" * size})
    for send in list(_sends):
        await send({"type": "websocket.send", "text": text})
