"""What is kept of a handshake that was answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol
from uvicorn.server import ServerState

from sessions_app.asgi import Receive, Scope, Send
from sessions_app.live.handshake import forget


async def application(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Nobody serves."""


@pytest.mark.parametrize("is_answered", [True, False])
def test_uvicorn_holds_it_no_longer_than_it_needs(is_answered: bool) -> None:
    async def server() -> Any:
        return AutoWebSocketsProtocol(Config(application, log_config=None), ServerState(), {})

    uvicorn, headers = asyncio.run(server()), [(b"cookie", b"sessionid=a")]
    uvicorn.request = uvicorn.response = uvicorn.scope = {"headers": headers}
    # Fails where uvicorn calls it otherwise by now.
    assert uvicorn.handshake_complete is False
    uvicorn.handshake_complete = is_answered
    held, ours = uvicorn.scope, {**uvicorn.scope}
    forget(ours, uvicorn.send)
    assert not ours
    assert not headers
    assert {id(uvicorn.request), id(uvicorn.response), id(uvicorn.scope)} == {
        id(None if is_answered else held)
    }
