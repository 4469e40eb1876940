"""The live socket of a project, as an ASGI server brings it. It takes in one kind of message; what is
done, the hub does."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from autobahn.exception import Disconnected

from sessions_app import strict_json
from sessions_app.asgi import Message, Receive, Scope, Send
from sessions_app.live import access
from sessions_app.live.admissions import Admission, ProgramAdmission
from sessions_app.live.handshake import Handshake, forget, handshake_of
from sessions_app.live.holdings import AS_LOADED, UNKNOWN
from sessions_app.live.hub import hub
from sessions_app.live.place import Place, Version, parse_place, place_said
from sessions_app.live.sockets import AnySocket, ProgramSocket, Socket
from sessions_app.live.threads import in_thread
from sessions_app.metrics.instruments import SOCKETS, SOCKETS_CLOSED

MESSAGE_MAX_CHARACTERS = 4096
# More than any page of ours says by itself; what answers a push is asked for, and not counted.
MOST_MESSAGES, IN_SECONDS = 40, 10.0

# A program that does not say what it knows is told where the project stands.
NOWHERE = Place("", Version(0, 0))

NONSENSE = 1008
TOO_BIG = 1009
# Nobody said why: the connection is gone, or the server ends.
GONE = 1006
# A browser may close with any number it likes.
COUNTED_CODES = {1000, 1001, 1005, GONE, NONSENSE, TOO_BIG, 1011, 1012, 1013, 4401, 4403}

# What a server raises when something is said to one that hung up: daphne, and others as ASGI has it.
_GONE = (Disconnected, OSError)


class Line:
    """One end of an open socket: it may be spoken to at any time, and is closed once."""

    __slots__ = ("_counted", "_counting_since", "_send", "is_closed")

    def __init__(self, send: Send) -> None:
        self._send = send
        # By either end; nothing is said or heard any more.
        self.is_closed = False
        self._counted, self._counting_since = 0, 0.0

    async def accept(self) -> None:
        """Have the handshake answered."""
        await self._tell({"type": "websocket.accept"})

    async def say(self, text: str) -> None:
        """Send a text."""
        if not self.is_closed:
            await self._tell({"type": "websocket.send", "text": text})

    async def close(self, code: int) -> None:
        """End the socket, once; one that is not accepted yet is refused."""
        if not self.is_closed:
            self.is_closed = True
            await self._tell({"type": "websocket.close", "code": code})

    async def hear(self, socket: AnySocket, message: Message) -> None:
        """The other end says what it shows; anything else ends the socket."""
        if self.is_closed:
            return
        said = message.get("text") or message.get("bytes") or ""
        if len(said) > MESSAGE_MAX_CHARACTERS:
            await self.close(TOO_BIG)
            return
        place = _place_said(said) if isinstance(said, str) else None
        if place is None or (not socket.awaits(place) and self._is_flood()):
            await self.close(NONSENSE)
            return
        await hub.heard(socket, place)

    async def _tell(self, message: Message) -> None:
        # Whoever hung up just now keeps nobody else from being told.
        with suppress(*_GONE):
            await self._send(message)

    def _is_flood(self) -> bool:
        now = time.monotonic()
        if now - self._counting_since >= IN_SECONDS:
            self._counted, self._counting_since = 0, now
        self._counted += 1
        return self._counted > MOST_MESSAGES


async def live(project_id: UUID, scope: Scope, receive: Receive, send: Send) -> None:
    """`/projects/<id>/live/?since=<epoch>:<version>`, with `&fresh` from a page that was loaded just now.

    Says `{"type": "panels" | "beat" | "reload", …}` to a page, `{"type": "changed", "since": <version>}`
    in the place of panels to a program; hears `{"since": "<epoch>:<version>"}` and nothing else: there is
    no handler for a client to choose.
    """
    await receive()
    line = Line(send)
    handshake = handshake_of(scope)
    admission = await in_thread(access.admit, handshake, project_id)
    if admission is None:
        SOCKETS_CLOSED.labels("refused").inc()
        await line.close(NONSENSE)
        return
    socket = await _opened(line, handshake, admission)
    forget(scope, send)
    del scope, send, handshake, admission
    if socket is None:
        return
    SOCKETS.labels(socket.kind).inc()
    code = GONE
    try:
        await hub.add(socket)
        while (message := await receive())["type"] != "websocket.disconnect":
            await line.hear(socket, message)
            # Nothing of it is held until the next one comes.
            del message
        code = message.get("code") or GONE
    except Exception:
        await _leave(line, socket, code)
        raise
    # Nobody leaves when a server ends, and cancels this.
    await _leave(line, socket, code)


async def _opened(
    line: Line, handshake: Handshake, admission: Admission | ProgramAdmission
) -> AnySocket | None:
    """Open it; a page that does not say what it shows is sent away, and a server gone is no trouble."""
    await line.accept()
    place = _place(handshake.since or "")
    if handshake.is_programs and handshake.since is None:
        place = NOWHERE
    if place is None:
        await line.say(json.dumps({"type": "reload"}))
        await line.close(NONSENSE)
        return None
    if isinstance(admission, Admission):
        holding = AS_LOADED if handshake.is_fresh else UNKNOWN
        return Socket(line, place.epoch, place.version, admission=admission, holding=holding)
    return ProgramSocket(line, place.epoch, place.version, admission=admission)


async def _leave(line: Line, socket: AnySocket, code: int) -> None:
    line.is_closed = True
    SOCKETS.labels(socket.kind).dec()
    SOCKETS_CLOSED.labels(str(code) if code in COUNTED_CODES else "other").inc()
    await hub.remove(socket)


def _place_said(text: str) -> Place | None:
    try:
        if place := place_said(text):
            return place
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
