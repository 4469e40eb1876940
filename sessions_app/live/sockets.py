"""One open socket, as the hub sees it: a page's, or a program's."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import ClassVar, Protocol
from uuid import UUID

from sessions_app.live.admissions import Admission, ProgramAdmission
from sessions_app.live.frames import Frame
from sessions_app.live.holdings import UNKNOWN, Holding
from sessions_app.live.place import Place, Version


class Speaking(Protocol):
    """The way to the other end (live/line.py)."""

    async def say(self, text: str) -> None: ...

    async def close(self, code: int) -> None: ...


# Slots: there are thousands of them.
@dataclass(eq=False, slots=True)
class Wire:
    """What both kinds have in common."""

    line: Speaking
    epoch: str
    # What the other end shows, as it said last or as a program was told.
    shown: Version
    # The version of the push that is not acknowledged yet, and since when; a program's is never waited for.
    outstanding: Version | None = None
    outstanding_since: float = 0.0
    # Something happened while the push was under way.
    missed: bool = False
    heard_at: float = field(default_factory=time.monotonic)
    # When the other end was told last where the project stands; a "changed" says only since when.
    told_at: float = 0.0

    async def beat(self, version: Version) -> None:
        """Say that this end is alive, and where the project stands."""
        self.told_at = time.monotonic()
        await self._send("beat", epoch=self.epoch, version=str(version))

    async def reload(self) -> None:
        """Say that what is shown cannot be brought up to date: it must be loaded anew."""
        await self._send("reload")

    def awaits(self, place: Place) -> bool:
        """Whether this is the answer to the push that is under way."""
        is_answer = self.outstanding is not None and place.version >= self.outstanding
        return is_answer and place.epoch == self.epoch

    def acknowledge(self, version: Version) -> None:
        """Note what the other end says it shows."""
        self.heard_at = time.monotonic()
        self.shown = version
        if self.outstanding is not None and version >= self.outstanding:
            self.outstanding = None

    async def _send(self, kind: str, **values: str | int) -> None:
        await self.line.say(json.dumps({"type": kind, **values}))


@dataclass(eq=False, kw_only=True, slots=True)
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
        elif not self.told_at:
            await self.beat(version)


@dataclass(eq=False, kw_only=True, slots=True)
class Socket(Wire):
    """A browser's socket. At most one push is under way: what it has not acknowledged is not followed
    by more, so a page that reads slowly gets fewer pushes, never a queue of them."""

    kind: ClassVar = "page"
    admission: Admission
    # Who was here when this page was told last.
    here: str = ""
    # What the page holds, as far as that is known.
    holding: Holding = UNKNOWN

    @property
    def user_id(self) -> UUID:
        return self.admission.user_id

    @property
    def project_id(self) -> UUID:
        return self.admission.project_id

    def acknowledge(self, version: Version) -> None:
        """Note what the page says it shows; a version that no push brought came with panels of its own."""
        if version not in (self.shown, self.outstanding):
            self.holding = UNKNOWN
        Wire.acknowledge(self, version)

    async def push(self, frame: Frame) -> None:
        """Send panels; nothing follows until the page says that it shows them."""
        self.outstanding, self.outstanding_since = frame.version, time.monotonic()
        # That this end is alive is told by a push as well.
        self.told_at = self.outstanding_since
        self.holding = frame.leaves
        await self.line.say(frame.text_for(self.admission.csrf_token))


AnySocket = Socket | ProgramSocket
