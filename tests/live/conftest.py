"""Pages with a live socket, spoken to as a browser does, in the tests' own process."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connections

from config.asgi import application
from sessions_app.live import attendance, rooms
from sessions_app.live import hub as the_hub
from sessions_app.live.hub import Hub
from sessions_app.live.threads import executor
from sessions_app.models import User
from tests.conftest import Cast
from tests.views.conftest import browse

# Only where something is wrong it is waited for that long.
SOON = 20.0
# A moment in which nothing more comes, once all that was due has come.
QUIET = 0.4


@pytest.fixture(autouse=True)
def own_hub(monkeypatch: pytest.MonkeyPatch, database: None) -> Hub:
    """A hub of the test's own, that looks by itself often."""
    fresh = Hub()
    monkeypatch.setattr(the_hub, "hub", fresh)
    monkeypatch.setattr("sessions_app.live.line.hub", fresh)
    monkeypatch.setattr(the_hub, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(attendance, "LEAVE_SECONDS", 0.05)
    monkeypatch.setattr(rooms, "HERE_SECONDS", 0.0)
    return fresh


class Page:
    """A project's page in a browser that is signed in, and its socket."""

    def __init__(self, cast: Cast, user: User | None, project_id: UUID | None = None) -> None:
        self.project_id = project_id or cast.project.id
        self.browser = browse(user, enforce_csrf_checks=True)
        self.version = self.epoch = ""
        self.socket: WebsocketCommunicator | None = None
        # A server may hand headers on in anything that can be gone through.
        self.kept_in: Callable[[list[tuple[bytes, bytes]]], Iterable[tuple[bytes, bytes]]] = list

    def load(self) -> str:
        """Load the page; from then on it shows that version."""
        response = self.browser.get(f"/projects/{self.project_id}/")
        assert response.status_code == 200
        self.version = re.search(r'data-version="([\d.]+)"', response.text)[1]
        self.epoch = re.search(r'data-epoch="(\w+)"', response.text)[1]
        return response.text

    async def open(self, *, origin: str | None = settings.BASE_URL, since: str | None = None) -> bool:
        """Open the socket; returns whether the handshake was accepted."""
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self.browser.cookies.items())
        headers = [(b"host", b"127.0.0.1:8000"), (b"cookie", cookies.encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        query = f"{self.epoch}:{self.version}" if since is None else since
        self.socket = WebsocketCommunicator(
            application, f"/projects/{self.project_id}/live/?since={query}", self.kept_in(headers)
        )
        accepted, _ = await self.socket.connect(timeout=SOON)
        return bool(accepted)

    async def hears(self, kind: str = "panels") -> dict[str, Any]:
        """The next message but for beats, which must be of this kind; it is not acknowledged yet."""
        while True:
            message: dict[str, Any] = json.loads(await self.socket.receive_from(timeout=SOON))
            if message["type"] == kind:
                return message
            assert message["type"] == "beat", message

    async def shows(self, name: str) -> dict[str, Any]:
        """Take in pushes, acknowledging each, until one holds this panel; returns it."""
        while True:
            message = json.loads(await self.socket.receive_from(timeout=SOON))
            if message["type"] == "panels":
                await self.acknowledge(message)
                if name in panels_in(message):
                    return message

    async def acknowledge(self, message: dict[str, Any]) -> None:
        self.version = message["version"]
        await self.say({"since": f"{message['epoch']}:{message['version']}"})

    async def say(self, message: object) -> None:
        await self.socket.send_to(text_data=message if isinstance(message, str) else json.dumps(message))

    async def is_quiet(self) -> bool:
        """Whether nothing but beats comes for a moment."""
        until = asyncio.get_running_loop().time() + QUIET
        while (left := until - asyncio.get_running_loop().time()) > 0:
            if not await self.socket.receive_nothing(timeout=left):
                message = json.loads(await self.socket.receive_from(timeout=SOON))
                if message["type"] != "beat":
                    return False
        return True

    async def is_closed(self) -> int:
        """Wait until the server closes the socket; returns the code."""
        while True:
            event = await self.socket.receive_output(timeout=SOON)
            if event["type"] == "websocket.close":
                return int(event["code"])

    async def close(self) -> None:
        await self.socket.disconnect()


def panels_in(message: dict[str, Any]) -> set[str]:
    """The ids of the panels that a push holds."""
    found = re.findall(r'<(?:section|header)[^>]*? id="(\w+)"', message["content"])
    return set(found)


def words_in(message: dict[str, Any]) -> str:
    """What a push says in the live region."""
    found = re.search(r'<p id="announce"[^>]*>(.*?)</p>', message["content"], re.S)
    return " ".join(found[1].split()) if found else ""


Live = Callable[[Callable[[], Awaitable[None]]], None]


@pytest.fixture
def live(own_hub: Hub) -> Live:
    """Run a story about sockets to its end, in a loop of its own."""

    async def tell(story: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(120):
                await story()
        finally:
            await own_hub.stop()
            await asyncio.to_thread(_give_connections_back)

    return lambda story: asyncio.run(tell(story))


def _give_connections_back() -> None:
    """In each of the hub's threads: Channels' communicators keep them from doing it by themselves."""
    threads = executor._max_workers
    together = threading.Barrier(threads)

    def give_back() -> None:
        together.wait(timeout=SOON)
        connections.close_all()

    for given in [executor.submit(give_back) for _ in range(threads)]:
        given.result(timeout=SOON)


def off_loop(function: Callable[..., Any], *args: object, **kwargs: object) -> Awaitable[Any]:
    """Something that takes its time (the database, a page) beside the loop."""

    def run() -> Any:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return asyncio.to_thread(run)
