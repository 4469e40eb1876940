"""The hub: one in each server process. It hears the hints, reads what is new once per project, has it
drawn once for all who see the same, and hands it to their sockets directly.

A hint is only a reason to look. The hub also looks by itself every few seconds, so a lost hint delays a
page by that and no more; the same look finds out who may not have a socket any more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from typing import TypeVar
from uuid import UUID

from sessions_app.db.trouble import Complaint
from sessions_app.live import rendering
from sessions_app.live.attendance import Attendance
from sessions_app.live.frames import Frames
from sessions_app.live.hints import WORK, hints
from sessions_app.live.holdings import AS_LOADED
from sessions_app.live.looking import drawn_after, look
from sessions_app.live.place import Place, Version
from sessions_app.live.rights import Right, Standing, standing_of
from sessions_app.live.rooms import Lacking, Lacks, Room, by_panels, without
from sessions_app.live.sockets import AnySocket, ProgramSocket, Socket
from sessions_app.live.threads import in_thread

logger = logging.getLogger(__name__)

# At most one render of a project in so long, however much happens in it.
COALESCE_SECONDS = 0.05
# Every socket's rights and version are looked at so often: a revoke counts within 5 s.
CHECK_SECONDS = 3.0
# At every look. A page that misses two of them says so (js/link.js): one look may take its time.
BEAT_SECONDS = CHECK_SECONDS
# Who is here is told to other processes so often.
PRESENT_EVERY_SECONDS = 10.0
# A page says every 10 s that it is there.
SILENT_SECONDS = 35.0
ACKNOWLEDGE_SECONDS = 20.0
PAUSE_AFTER_TROUBLE_SECONDS = 1.0
SOCKETS_A_LOOK = 500
TRY_AGAIN_LATER = 1013
GOING_AWAY = 1001

R = TypeVar("R")


class Hub:
    """See the module. Every method belongs to the server's event loop, but for `_hinted`."""

    def __init__(self) -> None:
        self.rooms: dict[UUID, Room] = {}
        self._attendance = Attendance()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._complaint = Complaint(logger)
        # What was asked at the last check, by where in it: mostly that is asked again.
        self._checked: dict[int, Standing] = {}

    async def add(self, socket: AnySocket) -> None:
        """Take in an open socket; it is brought up to date, or told that it is."""
        self._start()
        room = self.rooms.setdefault(socket.project_id, Room())
        is_first = isinstance(socket, Socket) and not room.has(socket.user_id)
        room.sockets.add(socket)
        if isinstance(socket, Socket) and is_first:
            await self._attendance.come(socket.project_id, socket.user_id)
        self._look(socket.project_id)

    async def remove(self, socket: AnySocket) -> None:
        """Forget a closed socket."""
        room = self.rooms.get(socket.project_id)
        if room is None or socket not in room.sockets:
            return
        room.sockets.discard(socket)
        if not room.sockets:
            del self.rooms[socket.project_id]
        if isinstance(socket, Socket) and not room.has(socket.user_id):
            is_back = partial(self._is_here, socket.project_id, socket.user_id)
            self._go(self._attendance.leave(socket.project_id, socket.user_id, is_back))

    async def heard(self, socket: AnySocket, place: Place) -> None:
        """A page said what it shows, or a program what it knows."""
        if place.epoch != socket.epoch:
            await socket.reload()
            return
        socket.acknowledge(place.version)
        # What came while its push was under way it gets now.
        if socket.missed and socket.outstanding is None:
            self._look(socket.project_id)

    async def stop(self) -> None:
        """Look no more; sockets that are open are left to their server."""
        hints.unsubscribe(self._hinted)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._loop = None

    # --- what wakes it -----------------------------------------------------------------------

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        if self._loop is None:
            hints.subscribe(self._hinted)
        self._loop = loop
        self.rooms = {key: room for key, room in self.rooms.items() if room.sockets}
        self._go(self._check_for_ever())

    def _hinted(self, project_id: UUID | None, version: int) -> None:
        """In any thread: look at a project, or at all of them."""
        loop = self._loop
        if version != WORK and loop is not None:
            # One that is closed already has nobody to show anything to.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._look, project_id, time.monotonic())

    def _look(self, project_id: UUID | None, hinted_at: float | None = None) -> None:
        for key in [project_id] if project_id else list(self.rooms):
            room = self.rooms.get(key)
            if room is not None:
                room.has_news = True
                room.hinted_at = room.hinted_at or hinted_at
                if room.task is None or room.task.done():
                    room.task = self._go(self._refresh_while_new(key, room))

    async def _look_in(self, seconds: float, project_id: UUID) -> None:
        await asyncio.sleep(seconds)
        self._look(project_id)

    def _go(self, work: object) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- pushing -----------------------------------------------------------------------------

    async def _refresh_while_new(self, project_id: UUID, room: Room) -> None:
        while room.has_news and room.sockets:
            await asyncio.sleep(max(0.0, room.next_at - time.monotonic()))
            room.has_news = False
            hinted_at, room.hinted_at = room.hinted_at, None
            room.next_at = time.monotonic() + COALESCE_SECONDS
            for socket in room.sockets:
                socket.missed = socket.outstanding is not None
            try:
                await self._refresh(project_id, room, hinted_at)
                room.complaint.is_over()
            except Exception as error:
                room.complaint.about(error, "project %s cannot be shown now", project_id)
                room.has_news = True
                room.hinted_at = hinted_at
                room.next_at = time.monotonic() + PAUSE_AFTER_TROUBLE_SECONDS

    async def _refresh(self, project_id: UUID, room: Room, hinted_at: float | None) -> None:
        # All are asked about, also those who are not told now: then it is mostly the same question.
        sockets = list(room.sockets)
        # As it was before the look: a page may say meanwhile that it shows something newer.
        shown = [None if socket.missed else socket.shown for socket in sockets]
        if not any(shown):
            return
        # Who does not know yet which database this is begins where the project stands.
        told = zip(sockets, shown, strict=True)
        oldest = min((then.project for socket, then in told if then and socket.epoch), default=None)
        standing, asks_here = room.standing(sockets), room.asks_here()
        known = [room.known_at(socket) if then else None for socket, then in zip(sockets, shown, strict=True)]
        alike = {id(person.alike): person.alike for person in known if person}.values()
        found = await in_thread(look, project_id, standing, oldest, asks_here=asks_here, alike=alike)
        # Who lacks the chat then is drawn in full, after all others were told what they lack.
        room.complain_of(found.fault, "the chat of project %s cannot be drawn now", project_id)
        here, ask_in_seconds = room.tell_here(found.here)
        if ask_in_seconds and (room.asking is None or room.asking.done()):
            room.asking = self._go(self._look_in(ask_in_seconds, project_id))
        lacks, lacking = Lacks(found.news, here, hinted_at), Lacking()
        frames = Frames(found.epoch, room.holdings)
        for socket, right, shown_then, person in zip(sockets, found.rights, shown, known, strict=True):
            if right.close_code:
                await self._close(socket, right.close_code)
            elif shown_then is None:
                # It is told once it has shown what it was sent.
                continue
            elif isinstance(socket, ProgramSocket):
                await socket.tell(found.epoch, right.version, shown_then)
            elif await _is_behind(socket, right, shown_then, found.epoch, here):
                lack = lacks.of(socket, right)
                # Whose own panels may have changed, or who was not drawn for a while, is drawn in full.
                if (chat := lack.chat_for(person, found.chats)) is None:
                    lacking.setdefault(socket.user_id, []).append((socket, lack))
                else:
                    await lack.push(socket, lack.chat_frame(frames, chat, socket))
        for names, some in by_panels(lacking):
            await self._push_drawn(room, frames, project_id, standing, names, some)

    async def _push_drawn(
        self,
        room: Room,
        frames: Frames,
        project_id: UUID,
        standing: Standing,
        names: Collection[str],
        lacking: Lacking,
    ) -> None:
        """Draw these panels for these people together, and send each of their sockets what it lacks."""
        # A page that was loaded just now is told who is here, and stands at a version that is still there.
        are_fresh = any(socket.holding is AS_LOADED for lacks in lacking.values() for socket, _ in lacks)
        loaded = rendering.LARGE if are_fresh else ()
        draw = partial(rendering.render_many, list(lacking), project_id, sorted(names), loaded=loaded)
        drawn, lacking = await self._drawn(project_id, standing, lacking, draw)
        for user_id, lacks in lacking.items():
            rendered = drawn.get(user_id)
            if rendered is None:
                # No member any more, or not signed in: the next look tells which.
                self._look(project_id)
                continue
            for socket, lack in lacks:
                frame = lack.frame(frames, rendered.version, rendered.panels, rendered.loaded, socket)
                await lack.push(socket, frame)
            room.known.note(rendered.view)

    async def _drawn(
        self, project_id: UUID, standing: Standing, lacking: Lacking, draw: Callable[[], R]
    ) -> tuple[R, Lacking]:
        """What is drawn, and for whom: who lost their right since the look is left out, and looked after."""
        drawn, lost = await in_thread(drawn_after, project_id, standing, draw)
        if lost:
            self._look(project_id)
        return drawn, without(lacking, lost)

    # --- looking by itself -------------------------------------------------------------------

    async def _check_for_ever(self) -> None:
        told_present_at = 0.0
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self._check()
                if time.monotonic() - told_present_at >= PRESENT_EVERY_SECONDS and self.rooms:
                    told_present_at = time.monotonic()
                    await self._attendance.tell(self._people())
                    # Who is here by other processes' word, and whose time is over, is seen by a look.
                    self._look(None)
                self._complaint.is_over()
            except Exception as error:
                # No beat is sent meanwhile, so pages say that they are not live.
                self._complaint.about(error, "the sockets cannot be checked now")

    async def _check(self) -> None:
        sockets = [socket for room in self.rooms.values() for socket in room.sockets]
        self._checked = {start: was for start, was in self._checked.items() if start < len(sockets)}
        for start in range(0, len(sockets), SOCKETS_A_LOOK):
            some = sockets[start : start + SOCKETS_A_LOOK]
            before = self._checked.get(start)
            standing = standing_of([socket.admission for socket in some], before)
            found = await in_thread(standing.rights)
            self._checked[start] = standing
            for socket, right in zip(some, found, strict=True):
                await self._check_one(socket, right)

    async def _check_one(self, socket: AnySocket, right: Right) -> None:
        if right.close_code:
            await self._close(socket, right.close_code)
            return
        now = time.monotonic()
        # A program need not say anything; one that is gone does not answer the server's pings.
        if isinstance(socket, Socket) and now - socket.heard_at > SILENT_SECONDS:
            await self._close(socket, GOING_AWAY)
        elif socket.outstanding is not None:
            if now - socket.outstanding_since > ACKNOWLEDGE_SECONDS:
                await self._close(socket, TRY_AGAIN_LATER)
        else:
            if socket.shown < right.version:
                self._look(socket.project_id)
            # Who does not know yet which database this is, is told by the look.
            if socket.epoch and now - socket.told_at >= BEAT_SECONDS - CHECK_SECONDS / 2:
                await socket.beat(right.version)

    async def _close(self, socket: AnySocket, code: int) -> None:
        await self.remove(socket)
        await socket.line.close(code)

    def _is_here(self, project_id: UUID, user_id: UUID) -> bool:
        room = self.rooms.get(project_id)
        return room is not None and room.has(user_id)

    def _people(self) -> set[tuple[UUID, UUID]]:
        return {(key, page.user_id) for key, room in self.rooms.items() for page in room.pages()}


async def _is_behind(socket: Socket, right: Right, shown_then: Version, epoch: str, here: str) -> bool:
    """Whether a page lacks something; one that cannot be brought up to date, or is, is told so."""
    if socket.epoch != epoch or shown_then.project > right.version.project:
        # Another database than the one its page came from.
        await socket.reload()
        return False
    if socket.shown < right.version or socket.here != here:
        return True
    if not socket.told_at:
        await socket.beat(right.version)
    return False


hub = Hub()
