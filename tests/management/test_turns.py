"""Requests in a flood: each has its turn or is told, and nobody's turn is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sessions_app.management.web import turns
from sessions_app.management.web.turns import Send, Turns

START = {"type": "http.response.start", "status": 200, "headers": []}


class Crowd:
    """An application that answers each request when it is told to, with one turn to give."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_answer: dict[str, asyncio.Event] = {}
        self.turns = Turns(self._answer, at_once=1)

    async def _answer(self, scope: dict[str, Any], _receive: object, send: Send) -> None:
        path = scope["path"]
        self.begun.append(path)
        await self.may_answer.setdefault(path, asyncio.Event()).wait()
        await send(START)
        # A reader that takes its time.
        await self.may_answer.setdefault(f"{path} to the end", asyncio.Event()).wait()

    def answer(self, path: str) -> None:
        self.may_answer[path].set()

    def ask(self, path: str, said: list[dict[str, Any]] | None = None) -> asyncio.Task[None]:
        async def send(message: dict[str, Any]) -> None:
            if said is not None:
                said.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode()}
        return asyncio.create_task(self.turns(scope, receive, send))


def tell(story: Callable[[Crowd], Awaitable[None]]) -> None:
    async def run() -> None:
        await story(Crowd())
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(run())


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_one_at_a_time_in_their_order_until_the_answer_begins() -> None:
    async def story(crowd: Crowd) -> None:
        for path in ("/a", "/b", "/c"):
            crowd.ask(path)
            await settled()
        assert crowd.begun == ["/a"]
        crowd.answer("/a")
        await settled()
        assert crowd.begun == ["/a", "/b"]

    tell(story)


def test_whoever_watches_the_server_needs_no_turn() -> None:
    async def story(crowd: Crowd) -> None:
        for path in ("/a", "/livez", "/metrics"):
            crowd.ask(path)
            await settled()
        assert crowd.begun == ["/a", "/livez", "/metrics"]

    tell(story)


def test_whoever_waits_too_long_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.01)

    async def story(crowd: Crowd) -> None:
        crowd.ask("/a")
        await settled()
        said: list[dict[str, Any]] = []
        await crowd.ask("/api/projects", said)
        assert said[0]["status"] == 503
        assert {b"Retry-After", b"X-Request-ID", b"Content-Security-Policy"} <= dict(
            said[0]["headers"]
        ).keys()
        assert crowd.begun == ["/a"]

    tell(story)


@pytest.mark.parametrize("leaves", ["while it waits", "while it is worked on"])
def test_whoever_hangs_up_takes_no_turn_along(leaves: str) -> None:
    async def story(crowd: Crowd) -> None:
        first = crowd.ask("/a")
        await settled()
        second = crowd.ask("/b")
        await settled()
        (second if leaves == "while it waits" else first).cancel()
        crowd.answer("/a")
        await settled()
        crowd.ask("/c")
        if leaves == "while it is worked on":
            await settled()
            crowd.answer("/b")
        await settled()
        assert crowd.begun[-1] == "/c"

    tell(story)
