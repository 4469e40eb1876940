"""A server that tells of its start and its end is told when it may begin."""

from __future__ import annotations

import asyncio
import gc

import pytest

from config.asgi import application
from sessions_app import lifespan
from sessions_app.asgi import Message
from sessions_app.lifespan import MADE_BETWEEN


def test_what_is_loaded_is_left_out_of_collections_once_it_is_served() -> None:
    said: list[str] = []
    told = iter(("lifespan.startup", "lifespan.shutdown"))
    frozen: list[int] = []

    async def receive() -> Message:
        return {"type": next(told)}

    async def send(message: Message) -> None:
        said.append(message["type"])
        frozen.append(gc.get_freeze_count())

    before = gc.get_threshold()
    # The run of the tests does so, too (tests/conftest.py).
    gc.unfreeze()
    try:
        asyncio.run(application({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
        assert gc.get_threshold()[0] == MADE_BETWEEN
    finally:
        gc.set_threshold(*before)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert frozen[0] > 10_000


def test_a_start_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Message] = []

    def settle() -> None:
        raise ImportError("a view cannot be loaded")

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        said.append(message)

    monkeypatch.setattr(lifespan, "settle", settle)
    with pytest.raises(ImportError):
        asyncio.run(application({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
    assert said == [{"type": "lifespan.startup.failed", "message": "ImportError: a view cannot be loaded"}]
