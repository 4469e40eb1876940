"""The live socket of a project. It takes in one kind of message; what is done, the hub does."""

from __future__ import annotations

import json
import time
from collections import deque
from contextlib import suppress
from typing import Any
from uuid import UUID

from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncWebsocketConsumer

from sessions_app import strict_json
from sessions_app.live import access
from sessions_app.live.access import Admission
from sessions_app.live.handshake import handshake_of
from sessions_app.live.hub import hub
from sessions_app.live.place import Place, Version, parse_place
from sessions_app.live.sockets import AnySocket, ProgramSocket, Socket
from sessions_app.live.threads import in_thread
from sessions_app.metrics.instruments import SOCKETS, SOCKETS_CLOSED

MESSAGE_MAX_CHARACTERS = 4096
# More than any page of ours says.
MOST_MESSAGES, IN_SECONDS = 40, 10.0

# A program that does not say what it knows is told where the project stands.
NOWHERE = Place("", Version(0, 0))

NONSENSE = 1008
TOO_BIG = 1009
# A browser may close with any number it likes.
COUNTED_CODES = {1000, 1001, 1005, 1006, NONSENSE, TOO_BIG, 1011, 1012, 1013, 4401, 4403}

# What a server raises when something is said to one that hung up: daphne, and others as ASGI has it.
_GONE = (Disconnected, OSError)


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """`/projects/<id>/live/?since=<epoch>:<version>`

    Says `{"type": "panels" | "beat" | "reload", …}` to a page, `{"type": "changed", "since": <version>}`
    in the place of panels to a program; hears `{"since": "<epoch>:<version>"}` and nothing else: there is
    no handler for a client to choose.
    """

    # None of this name: the hub hands messages over directly, and only the hints' own thread may
    # receive from the layer.
    channel_layer_alias = "unused"
    socket: AnySocket | None = None
    # By either end; nothing is said or heard any more.
    is_closed = False

    async def connect(self) -> None:
        """Open for a member's page or program, or an agent; the handshake of anybody else is refused."""
        handshake = handshake_of(self.scope)
        project_id: UUID = self.scope["url_route"]["kwargs"]["project_id"]
        admission = await in_thread(access.admit, handshake, project_id)
        if admission is None:
            SOCKETS_CLOSED.labels("refused").inc()
            await self.close()
            return
        self.heard: deque[float] = deque(maxlen=MOST_MESSAGES)
        try:
            await self.accept()
        except _GONE:
            return
        place = _place(handshake.since or "")
        if handshake.is_programs and handshake.since is None:
            place = NOWHERE
        if place is None:
            await self._send_text(json.dumps({"type": "reload"}))
            await self.close(NONSENSE)
            return
        wire = (place.epoch, place.version, self._send_text, self.close)
        if isinstance(admission, Admission):
            self.socket = Socket(*wire, admission=admission)
        else:
            self.socket = ProgramSocket(*wire, admission=admission)
        SOCKETS.labels(self.socket.kind).inc()
        await hub.add(self.socket)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The other end says what it shows; anything else ends the socket."""
        if self.socket is None or self.is_closed:
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
        self.is_closed = True
        if self.socket is not None:
            SOCKETS.labels(self.socket.kind).dec()
            SOCKETS_CLOSED.labels(str(code) if code in COUNTED_CODES else "other").inc()
            await hub.remove(self.socket)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """End the socket, once."""
        if self.is_closed:
            return
        self.is_closed = True
        with suppress(*_GONE):
            await super().close(code, reason)

    def _is_flood(self) -> bool:
        now = time.monotonic()
        is_flood = len(self.heard) == MOST_MESSAGES and now - self.heard[0] < IN_SECONDS
        self.heard.append(now)
        return is_flood

    async def _send_text(self, text: str) -> None:
        # Whoever hung up just now keeps nobody else from being told.
        if not self.is_closed:
            with suppress(*_GONE):
                await self.send(text_data=text)


def _place_said(text: str) -> Place | None:
    try:
        message: Any = strict_json.parse(text.encode())
    except ValueError:
        return None
    if not isinstance(message, dict) or message.keys() != {"since"} or not isinstance(message["since"], str):
        return None
    return _place(message["since"])


def _place(text: str) -> Place | None:
    try:
        return parse_place(text)
    except ValueError:
        return None
