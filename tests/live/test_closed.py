"""A socket that is closed, by either end, is neither spoken to nor listened to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from autobahn.exception import Disconnected

from sessions_app.live.hub import Hub
from sessions_app.live.line import MOST_MESSAGES, NONSENSE, Line


class Server:
    """One that notes what it is told, and then raises what it may."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.told: list[str] = []

    async def send(self, message: dict[str, Any]) -> None:
        self.told.append(message["type"])
        if self.trouble:
            raise self.trouble


class Socket:
    """A page that is asked for an answer to each push, or never."""

    def __init__(self, *, is_asked: bool = False) -> None:
        self.is_asked = is_asked

    def awaits(self, _place: object) -> bool:
        return self.is_asked


@pytest.mark.parametrize("trouble", [Disconnected("gone"), BrokenPipeError()])
def test_whoever_hung_up_is_no_trouble_of_whoever_speaks(trouble: Exception) -> None:
    server = Server(trouble)
    line = Line(server.send)

    async def story() -> None:
        await line.accept()
        await line.say("{}")
        await line.close(NONSENSE)

    asyncio.run(story())
    assert server.told == ["websocket.accept", "websocket.send", "websocket.close"]


def test_after_a_close_nothing_is_said_or_heard(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may raise RuntimeError at a second close, and at whatever else comes after the first."""
    server, heard = Server(), []
    line, said = Line(server.send), {"type": "websocket.receive", "text": '{"since": "0123456789ab:1.1"}'}

    async def note(_socket: object, place: object) -> None:
        heard.append(place)

    monkeypatch.setattr(own_hub, "heard", note)

    async def story() -> None:
        await line.hear(Socket(), said)
        await line.close(NONSENSE)
        await line.close(NONSENSE)
        await line.say("{}")
        await line.hear(Socket(), said)

    asyncio.run(story())
    assert server.told == ["websocket.close"]
    assert len(heard) == 1


@pytest.mark.parametrize(("is_asked", "told"), [(True, []), (False, ["websocket.close"])])
def test_answers_to_pushes_are_no_flood(
    own_hub: Hub, monkeypatch: pytest.MonkeyPatch, is_asked: bool, told: list[str]
) -> None:
    """In a project where much happens a page answers ten times a second."""
    server = Server()
    line, said = Line(server.send), {"type": "websocket.receive", "text": '{"since": "0123456789ab:1.1"}'}

    async def note(_socket: object, _place: object) -> None:
        """What it is told of is no matter here."""

    monkeypatch.setattr(own_hub, "heard", note)

    async def story() -> None:
        for _ in range(MOST_MESSAGES + 1):
            await line.hear(Socket(is_asked=is_asked), said)

    asyncio.run(story())
    assert server.told == told
