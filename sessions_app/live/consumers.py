"""The live socket of a project page. It takes in one kind of message; what is done, the hub does."""

from __future__ import annotations

import json
import time
from collections import deque
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncWebsocketConsumer

from sessions_app.live import access
from sessions_app.live.hub import hub
from sessions_app.live.place import Place, parse_place
from sessions_app.live.sockets import Socket
from sessions_app.live.threads import in_thread

MESSAGE_MAX_CHARACTERS = 4096
# More than any page of ours says.
MOST_MESSAGES, IN_SECONDS = 40, 10.0

NONSENSE = 1008
TOO_BIG = 1009


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """`/projects/<id>/live/?since=<epoch>:<version>`

    Says `{"type": "panels" | "beat" | "reload", …}`; hears `{"since": "<epoch>:<version>"}` and nothing
    else: there is no handler for a client to choose.
    """

    # None of this name: the hub hands messages over directly, and only the hints' own thread may
    # receive from the layer.
    channel_layer_alias = "unused"
    socket: Socket | None = None

    async def connect(self) -> None:
        """Open for a signed-in member on a page of ours; the handshake of anybody else is refused."""
        headers = {name: value.decode("latin-1") for name, value in self.scope["headers"]}
        admission = None
        if access.is_our_origin(headers.get(b"origin", ""), headers.get(b"host", "")):
            project_id: UUID = self.scope["url_route"]["kwargs"]["project_id"]
            admission = await in_thread(access.admit, headers.get(b"cookie", ""), project_id)
        if admission is None:
            await self.close()
            return
        self.heard: deque[float] = deque(maxlen=MOST_MESSAGES)
        await self.accept()
        place = _place_in(self.scope["query_string"])
        if place is None:
            await self.send(json.dumps({"type": "reload"}))
            await self.close(NONSENSE)
            return
        self.socket = Socket(admission, place.epoch, place.version, self._send_text, self._close_with)
        await hub.add(self.socket)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The page says what it shows; anything else ends the socket."""
        if self.socket is None:
            return
        if len(text_data or bytes_data or "") > MESSAGE_MAX_CHARACTERS:
            await self.close(TOO_BIG)
            return
        place = _place_said(text_data or "")
        if place is None or self._is_flood():
            await self.close(NONSENSE)
            return
        await hub.heard(self.socket, place)

    async def disconnect(self, code: int) -> None:
        """Leave the hub."""
        if self.socket is not None:
            await hub.remove(self.socket)

    def _is_flood(self) -> bool:
        now = time.monotonic()
        is_flood = len(self.heard) == MOST_MESSAGES and now - self.heard[0] < IN_SECONDS
        self.heard.append(now)
        return is_flood

    async def _send_text(self, text: str) -> None:
        # Whoever hung up just now keeps nobody else from being told.
        with suppress(Disconnected):
            await self.send(text_data=text)

    async def _close_with(self, code: int) -> None:
        with suppress(Disconnected):
            await self.close(code)


def _place_in(query: bytes) -> Place | None:
    values = parse_qs(query.decode("latin-1")).get("since", [""])
    return _place(values[0]) if len(values) == 1 else None


def _place_said(text: str) -> Place | None:
    try:
        message: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.keys() != {"since"} or not isinstance(message["since"], str):
        return None
    return _place(message["since"])


def _place(text: str) -> Place | None:
    try:
        return parse_place(text)
    except ValueError:
        return None
