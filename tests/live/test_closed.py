"""A socket that is closed, by either end, is neither spoken to nor listened to."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pytest
from autobahn.exception import Disconnected

from sessions_app.live.consumers import NONSENSE, LiveConsumer
from sessions_app.live.hub import Hub


class Consumer(LiveConsumer):
    """One whose server notes what it is told, and then raises what it may."""

    def __init__(self, trouble: Exception | None = None) -> None:
        super().__init__()
        self.trouble = trouble
        self.said: list[str] = []
        self.socket = object()
        self.heard = deque()

    async def base_send(self, message: dict[str, Any]) -> None:
        self.said.append(message["type"])
        if self.trouble:
            raise self.trouble


@pytest.mark.parametrize("trouble", [Disconnected("gone"), BrokenPipeError()])
def test_whoever_hung_up_is_no_trouble_of_whoever_speaks(trouble: Exception) -> None:
    consumer = Consumer(trouble)

    async def story() -> None:
        await consumer._send_text("{}")
        await consumer.close(NONSENSE)

    asyncio.run(story())
    assert consumer.said == ["websocket.send", "websocket.close"]


def test_after_a_close_nothing_is_said_or_heard(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may raise RuntimeError at a second close, and at whatever else comes after the first."""
    consumer, heard = Consumer(), []

    async def note(_socket: object, place: object) -> None:
        heard.append(place)

    monkeypatch.setattr(own_hub, "heard", note)

    async def story() -> None:
        await consumer.receive('{"since": "0123456789ab:1.1"}')
        await consumer.close(NONSENSE)
        await consumer.close(NONSENSE)
        await consumer._send_text("{}")
        await consumer.receive('{"since": "0123456789ab:1.1"}')

    asyncio.run(story())
    assert consumer.said == ["websocket.close"]
    assert len(heard) == 1
