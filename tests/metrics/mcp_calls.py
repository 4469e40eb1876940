"""A call at the MCP door, handed to it directly as a server would."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sessions_app.mcp import door


def call(
    token: str, body: object, accept: str = "application/json, text/event-stream"
) -> tuple[int, dict[str, str]]:
    """POST to /mcp; returns the status and the headers of the answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {
        "host": "127.0.0.1",
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "accept": accept,
        "mcp-protocol-version": "2025-06-18",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "raw_path": b"/mcp",
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    coming = [{"type": "http.request", "body": raw, "more_body": False}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(door.mcp(scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}


def report(**arguments: object) -> dict[str, object]:
    """The call that brings a report."""
    params = {"name": "post_activity", "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
