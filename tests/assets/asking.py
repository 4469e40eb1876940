"""Ask for a static file as a server would, with nothing but the application at hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from config.asgi import application


@dataclass(frozen=True)
class Answer:
    """What came; the names of headers as they were sent."""

    status_code: int
    headers: dict[str, str]
    content: bytes
    # What was asked, for whoever reads a failure.
    request: str


def ask(path: str, method: str = "GET", **headers: str) -> Answer:
    """Ask for a path; `accept_encoding="br"` is a header."""
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(application(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    content = b"".join(message.get("body", b"") for message in said[1:])
    return Answer(said[0]["status"], told, content, f"{method} {path}")
