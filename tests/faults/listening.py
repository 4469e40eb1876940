"""An open socket that answers as its other end would, and remembers what it heard and how it ended."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field

import websockets


@dataclass
class Listener:
    """A page's socket by its cookie, or a program's by its bearer."""

    port: int
    project: str
    cookie: str = ""
    bearer: str = ""
    heard: list[str] = field(default_factory=list)
    closed_with: int = 0
    closed_at: float = 0.0
    status: int = 0

    async def listen(self, since: str = "") -> None:
        """Stay until it is closed from there."""
        headers = {"Cookie": f"sessionid={self.cookie}"} if self.cookie else {}
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        try:
            async with websockets.connect(
                f"ws://127.0.0.1:{self.port}/projects/{self.project}/live/"
                + (f"?since={since}" if since else ""),
                additional_headers=headers,
                origin=f"http://127.0.0.1:{self.port}" if self.cookie else None,
                max_size=None,
                open_timeout=30,
                compression=None,
            ) as socket:
                self.status = 101
                async for text in socket:
                    self.heard.append(str(text))
                    said = json.loads(text)
                    if "version" in said:
                        with suppress(websockets.ConnectionClosed):
                            await socket.send(json.dumps({"since": f"{said['epoch']}:{said['version']}"}))
                await socket.wait_closed()
                self.closed_with = socket.close_code or 1006
        except websockets.InvalidStatus as refused:
            self.status = refused.response.status_code
        except websockets.ConnectionClosed as closed:
            self.closed_with = closed.rcvd.code if closed.rcvd else 1006
        self.closed_at = time.time()

    async def stays_until(self, until: float) -> None:
        """Wait until it is closed, as long as the clock says at most."""
        while not self.closed_at and time.monotonic() < until:
            await asyncio.sleep(0.05)


async def all_hear(listeners: list[Listener], seconds: float) -> None:
    """Wait until each has heard something: then it is known to the hub."""
    until = time.monotonic() + seconds
    while not all(listener.heard for listener in listeners):
        assert time.monotonic() < until, [listener.status for listener in listeners if not listener.heard]
        await asyncio.sleep(0.05)
