"""One open page, as the hub sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from sessions_app.live.access import Admission
from sessions_app.live.place import Version
from sessions_app.live.rendering import CSRF_STAND_IN


@dataclass(eq=False)
class Socket:
    """A browser's socket. At most one push is under way: what it has not acknowledged is not followed
    by more, so a page that reads slowly gets fewer pushes, never a queue of them."""

    admission: Admission
    epoch: str
    # What the page shows, as it said last.
    shown: Version
    send_text: Callable[[str], Awaitable[None]]
    close_with: Callable[[int], Awaitable[None]]
    # Who was here when this page was told last.
    here: str = ""
    # The version of the push that is not acknowledged yet, and since when.
    outstanding: Version | None = None
    outstanding_since: float = 0.0
    # Something happened while the push was under way.
    missed: bool = False
    heard_at: float = field(default_factory=time.monotonic)
    beat_at: float = 0.0

    @property
    def user_id(self) -> UUID:
        return self.admission.user_id

    @property
    def project_id(self) -> UUID:
        return self.admission.project_id

    async def push(self, version: Version, html: str) -> None:
        """Send panels; nothing follows until the page says that it shows them."""
        self.outstanding, self.outstanding_since = version, time.monotonic()
        content = html.replace(CSRF_STAND_IN, self.admission.csrf_token)
        await self._send("panels", epoch=self.epoch, version=str(version), swap="none", content=content)

    async def beat(self, version: Version) -> None:
        """Say that this end is alive, and where the project stands."""
        self.beat_at = time.monotonic()
        await self._send("beat", epoch=self.epoch, version=str(version))

    async def reload(self) -> None:
        """Say that what the page shows cannot be brought up to date: it must load anew."""
        await self._send("reload")

    def acknowledge(self, version: Version) -> None:
        """Note what the page says it shows."""
        self.heard_at = time.monotonic()
        self.shown = version
        if self.outstanding is not None and version >= self.outstanding:
            self.outstanding = None

    async def _send(self, kind: str, **values: str) -> None:
        await self.send_text(json.dumps({"type": kind, **values}))
