"""Asking through the hot door, and knowing whether Django was asked."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from sessions_app.db import together
from sessions_app.db.together import Together
from sessions_app.hot import askers
from sessions_app.hot.door import HotDoor
from sessions_app.hot.questions import Scope
from sessions_app.models import User
from tests.api.conftest import program
from tests.live.conftest import off_loop
from tests.views.conftest import _no_old_rate_limits, browse  # noqa: F401


@dataclass
class Told:
    """An answer as a client gets it."""

    status: int
    headers: dict[str, str]
    text: str


class Door:
    """The hot door, with Django behind it."""

    def __init__(self) -> None:
        self.door = HotDoor(self._django)
        self.asked_django = 0

    async def get(
        self, path: str, *given: tuple[str, str], method: str = "GET", query: str = "", body: bytes = b""
    ) -> Told:
        """Ask; `given` are headers."""
        raw = [
            (name.lower().encode(), value.encode()) for name, value in (("Host", "127.0.0.1:8000"), *given)
        ]
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": query.encode(),
            "headers": raw,
        }
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await self.door(scope, receive, send)
        headers = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
        told = b"".join(each.get("body", b"") for each in said[1:])
        text = gzip.decompress(told) if headers.get("content-encoding") == "gzip" else told
        return Told(said[0]["status"], headers, text.decode())

    async def _django(self, scope: Scope, receive: Any, send: Any) -> None:
        self.asked_django += 1
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        path = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
        body = (await receive())["body"]
        response = await off_loop(Client().generic, scope["method"], path, body, headers=headers)
        answered = [(name.encode(), value.encode()) for name, value in response.headers.items()]
        answered += [(b"Set-Cookie", morsel.OutputString().encode()) for morsel in response.cookies.values()]
        await send({"type": "http.response.start", "status": response.status_code, "headers": answered})
        await send({"type": "http.response.body", "body": response.content})


Story = Callable[[Door], Awaitable[None]]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that runs many tests may be slow; that alone sends nobody on to Django."""
    monkeypatch.setattr(together, "_TIMEOUTS", "")
    monkeypatch.setitem(Together.__init__.__kwdefaults__, "patience_seconds", 10.0)


@pytest.fixture
def tell(cast: object) -> Callable[[Story], None]:
    """Run a story about the door to its end, in a loop of its own."""

    async def run(story: Story) -> None:
        door = Door()
        try:
            await story(door)
        finally:
            await door.door.close()
            await askers.close()

    return lambda story: asyncio.run(run(story))


def bearer(user: User) -> tuple[str, str]:
    """The header of a program that this person is signed in to."""
    return "Authorization", f"Bearer {program(user).token}"


def cookies(user: User) -> tuple[str, str]:
    """The header of a browser that this person is signed in to, and that has a form's token."""
    browser = browse(user)
    browser.get("/profile/")
    return "Cookie", "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
