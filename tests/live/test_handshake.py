"""What is kept of a handshake that was answered."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers

from sessions_app.asgi import Application, Message, Receive, Scope, Send
from sessions_app.live.handshake import forget

HANDSHAKE = (
    b"GET /projects/?since=1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nCookie: sessionid=a\r\n\r\n"
)


async def answer_and_kept(application: Application) -> tuple[bytes, list[Any]]:
    """The first line of what uvicorn answers, and what it then holds of what was said."""
    config = Config(application, log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: AutoWebSocketsProtocol(config, state, {}), "127.0.0.1", 0
    )
    held = {id(each) for each in _told()}
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(HANDSHAKE)
    answered = await reader.readline()
    await reader.readuntil(b"\r\n\r\n")
    kept = [each for each in _told() if id(each) not in held]
    writer.close()
    server.close()
    await asyncio.gather(*state.tasks)
    return answered.strip(), kept


def _told() -> list[Any]:
    gc.collect()
    scopes = [each for each in gc.get_objects() if type(each) is dict and "raw_path" in each]
    return scopes + [each for each in gc.get_objects() if type(each) is Headers and each]


def test_uvicorn_holds_nothing_of_a_handshake_that_was_answered() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        # With a scope of its own, as the product has: uvicorn's is in the hands of uvicorn's middleware.
        forget({**scope}, send)
        assert (await receive())["type"] == "websocket.disconnect"

    assert asyncio.run(answer_and_kept(application)) == (b"HTTP/1.1 101 Switching Protocols", [])


def test_a_handshake_that_was_not_answered_still_can_be() -> None:
    async def application(scope: Scope, _receive: Receive, send: Send) -> None:
        forget(scope, send)

    answered, _kept = asyncio.run(answer_and_kept(application))
    assert answered == b"HTTP/1.1 500 Internal Server Error"


def test_a_server_that_names_it_otherwise_is_left_alone() -> None:
    """Such as uvicorn with wsproto."""

    class Server:
        handshake_complete = True
        scope: ClassVar[Scope] = {"headers": []}

        async def send(self, _message: Message) -> None:
            """Nothing is sent."""

    server = Server()
    forget({**server.scope}, server.send)
    assert server.scope == {"headers": []}
