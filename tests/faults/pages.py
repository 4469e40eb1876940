"""Open pages without a browser: each shows what its socket brings, and says so."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field

import websockets

from tests.faults.product import Person

_MESSAGE = re.compile(
    r'id="message-(?P<id>[0-9a-f-]{36})"[^>]*?(?P<same> data-same)?>'
    r'(?(same)|(?:(?!id="message-).)*?class="message-text"[^>]*>(?P<text>.*?)</div>)'
)
_FACT = re.compile(r'id="activity-(\d+)" data-version="(\d+)"')
_EXPLORING = re.compile(r'Exploring</span>\s*<span class="door-number">(\d+)<')


@dataclass
class OpenPage:
    """A project's page in one tab: its chat, its version, and the socket that keeps them fresh."""

    person: Person
    project: str
    # Off: it acknowledges what comes without reading it, to leave the processor to the product.
    reads: bool = True
    # How long it takes to show a push: a slow device.
    shows_in: float = 0.0
    epoch: str = ""
    version: str = ""
    chat: list[str] = field(default_factory=list)
    # The number of ideas under way.
    exploring: int = 0
    seen: list[str] = field(default_factory=list)
    received_at: dict[str, float] = field(default_factory=dict)
    pushes: int = 0
    reloads: int = 0
    closed_with: list[int] = field(default_factory=list)
    # Whether its socket is open just now.
    is_open: bool = False
    port: int = 0
    # Where the page says that it comes from, if not from the server it speaks to.
    origin: str = ""

    def load(self) -> None:
        """Load the page over HTTP."""
        status, page = self.person.get(f"/projects/{self.project}/")
        assert status == 200, status
        self.version = re.search(r'data-version="([\d.]+)"', page)[1]
        self.epoch = re.search(r'data-epoch="(\w+)"', page)[1]
        self._show(page)

    def loaded_like(self, other: OpenPage) -> None:
        """Show what another tab of the same person shows: loading hundreds of pages is no part of a case."""
        self.epoch, self.version = other.epoch, other.version
        self.chat, self.seen, self.exploring = list(other.chat), list(other.seen), other.exploring

    @property
    def since(self) -> str:
        return f"{self.epoch}:{self.version}"

    async def live(self, stop: asyncio.Event) -> None:
        """Keep a socket open until `stop`, coming back after each loss as the page's script does."""
        while not stop.is_set():
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                await self._one_socket(stop)
            if not stop.is_set():
                await asyncio.sleep(0.5)

    async def _one_socket(self, stop: asyncio.Event) -> None:
        port = self.port or self.person.port
        async with websockets.connect(
            f"ws://127.0.0.1:{port}/projects/{self.project}/live/?since={self.since}",
            additional_headers={"Cookie": self.person.cookie_header()},
            origin=self.origin or f"http://127.0.0.1:{port}",
            max_size=None,
            open_timeout=30,
            ping_interval=None,
            compression=None,
        ) as socket:
            ended = asyncio.create_task(stop.wait())
            saying = asyncio.create_task(self._say_now_and_then(socket))
            self.is_open = True
            try:
                while not stop.is_set():
                    reading = asyncio.create_task(socket.recv())
                    await asyncio.wait([reading, ended], return_when=asyncio.FIRST_COMPLETED)
                    if not reading.done():
                        reading.cancel()
                        return
                    await self._take(socket, json.loads(reading.result()))
            except websockets.ConnectionClosed as closed:
                self.closed_with.append(closed.rcvd.code if closed.rcvd else 1006)
            finally:
                self.is_open = False
                ended.cancel()
                saying.cancel()

    async def _say_now_and_then(self, socket: websockets.ClientConnection) -> None:
        while True:
            await asyncio.sleep(10)
            await socket.send(json.dumps({"since": self.since}))

    async def _take(self, socket: websockets.ClientConnection, message: dict[str, str]) -> None:
        if message["type"] == "reload":
            self.reloads += 1
            await asyncio.to_thread(self.load)
            await socket.close()
        elif message["type"] == "panels":
            self.pushes += 1
            came_at = time.monotonic()
            while time.monotonic() - came_at < self.shows_in:
                await asyncio.sleep(0.05)
            self.version = message["version"]
            self._show(message["content"])
            await socket.send(json.dumps({"since": self.since}))

    def _show(self, html: str) -> None:
        if not self.reads:
            return
        if exploring := _EXPLORING.search(html):
            self.exploring = int(exploring[1])
        if 'id="chat"' not in html:
            return
        now = time.time()
        found = {row["id"]: row["text"] for row in _MESSAGE.finditer(html)}
        # Of a row that it was sent before a push may hold a stub only (sessions_app/live/pieces.py).
        assert found.keys() - self.chat <= {name for name, text in found.items() if text is not None}
        self.chat = list(found)
        for identity, text in found.items():
            if identity not in self.received_at and text is not None:
                self.received_at[identity] = now
                self.seen.append(re.sub(r"<[^>]+>", "", text).strip())

    def catch_up(self, since: str, port: int = 0) -> list[int]:
        """The versions of all facts since a place, as the what-changed panel tells them.

        `port` is the way there, if not the page's own. Raises OSError or HTTPException when it is cut.
        """
        versions: list[int] = []
        browser = self.person.at(port or self.person.port)
        while since:
            status, text = browser.get(f"/projects/{self.project}/panels/changes/?since={since}")
            assert status == 200
            versions += [int(version) for _, version in _FACT.findall(text)]
            more = re.search(r'data-next="([^"]+)"', text)
            since = more[1] if more else ""
        browser.close()
        return versions


async def until(happened, seconds: float, step: float = 0.05) -> float:
    """Wait until something is so; returns how long it took, fails when it takes longer."""
    started = time.monotonic()
    while not happened():
        assert time.monotonic() - started < seconds, "it did not happen in time"
        await asyncio.sleep(step)
    return time.monotonic() - started
