"""One open socket, as the hub sees it: a page's, or a program's."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from sessions_app.live.access import Admission, ProgramAdmission
from sessions_app.live.place import Version
from sessions_app.live.rendering import CSRF_STAND_IN


@dataclass(eq=False)
class Wire:
    """What both kinds have in common."""

    epoch: str
    # What the other end shows, as it said last or as a program was told.
    shown: Version
    send_text: Callable[[str], Awaitable[None]]
    close_with: Callable[[int], Awaitable[None]]
    # The version of the push that is not acknowledged yet, and since when; a program's is never waited for.
    outstanding: Version | None = None
    outstanding_since: float = 0.0
    # Something happened while the push was under way.
    missed: bool = False
    heard_at: float = field(default_factory=time.monotonic)
    beat_at: float = 0.0

    async def beat(self, version: Version) -> None:
        """Say that this end is alive, and where the project stands."""
        self.beat_at = time.monotonic()
        await self._send("beat", epoch=self.epoch, version=str(version))

    async def reload(self) -> None:
        """Say that what is shown cannot be brought up to date: it must be loaded anew."""
        await self._send("reload")

    def acknowledge(self, version: Version) -> None:
        """Note what the other end says it shows."""
        self.heard_at = time.monotonic()
        self.shown = version
        if self.outstanding is not None and version >= self.outstanding:
            self.outstanding = None

    async def _send(self, kind: str, **values: str | int) -> None:
        await self.send_text(json.dumps({"type": kind, **values}))


@dataclass(eq=False, kw_only=True)
class ProgramSocket(Wire):
    """A program's socket: it is told that something changed, and asks the API for what."""

    kind: ClassVar = "program"
    admission: ProgramAdmission

    @property
    def project_id(self) -> UUID:
        return self.admission.project_id

    async def tell(self, epoch: str, version: Version, known: Version) -> None:
        """Tell where the project stands, if that is news; `known` is what was known before the look."""
        if self.epoch and (self.epoch != epoch or known.project > version.project):
            # Another database than the one it knows: nothing it knows can be compared.
            self.epoch, self.shown = epoch, version
            await self.reload()
            await self.beat(version)
        elif not self.epoch:
            # It did not say what it knows: it begins here.
            self.epoch, self.shown = epoch, version
            await self.beat(version)
        elif self.shown < version:
            since, self.shown = self.shown.project, version
            await self._send("changed", since=since)
        elif not self.beat_at:
            await self.beat(version)


@dataclass(eq=False, kw_only=True)
class Socket(Wire):
    """A browser's socket. At most one push is under way: what it has not acknowledged is not followed
    by more, so a page that reads slowly gets fewer pushes, never a queue of them."""

    kind: ClassVar = "page"
    admission: Admission
    # Who was here when this page was told last.
    here: str = ""

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


AnySocket = Socket | ProgramSocket
