"""The hub: one in each server process. It hears the hints, reads what is new once per project, renders
once per person, and hands it to their sockets directly.

A hint is only a reason to look. The hub also looks by itself every few seconds, so a lost hint delays a
page by that and no more; the same look finds out who may not have a socket any more.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar
from uuid import UUID

from channels.db import database_sync_to_async

from sessions_app.db.rls import acting_as_system
from sessions_app.live import access, rendering
from sessions_app.live.access import NO_MEMBER, Right
from sessions_app.live.hints import hints
from sessions_app.live.place import Place, Version
from sessions_app.live.rendering import News
from sessions_app.live.sockets import Socket
from sessions_app.panels.viewing import Viewing
from sessions_app.services import presence

logger = logging.getLogger(__name__)

# At most one render of a project in so long, however much happens in it.
COALESCE_SECONDS = 0.1
# Every socket's rights and version are looked at so often: a revoke counts within 5 s.
CHECK_SECONDS = 3.0
BEAT_SECONDS = 10.0
# A page says every BEAT_SECONDS that it is there.
SILENT_SECONDS = 35.0
ACKNOWLEDGE_SECONDS = 20.0
# Loading a page anew closes a socket and opens one: nobody left.
LEAVE_SECONDS = 4.0
PAUSE_AFTER_TROUBLE_SECONDS = 1.0
# So long a person's name, zone and choices are taken to be what they were.
DRAWN_SECONDS = 60.0
SOCKETS_A_LOOK = 500
TRY_AGAIN_LATER = 1013
GOING_AWAY = 1001

P = ParamSpec("P")
R = TypeVar("R")

# The database work of all sockets; bounded, apart from the threads that answer requests.
_executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database work beside the loop; its connection goes back to the pool afterwards."""
    run = database_sync_to_async(function, thread_sensitive=False, executor=_executor)
    result: R = await run(*args, **kwargs)
    return result


class Room:
    """One project's sockets in this process."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self.has_news = False
        self.next_at = 0.0
        self.task: asyncio.Task[None] | None = None
        # As whom each person was drawn last, and how long that may be relied on.
        self.drawn: dict[UUID, tuple[Viewing, float]] = {}


@dataclass(frozen=True)
class Lack:
    """What one socket's page lacks, and what is said of it."""

    socket: Socket
    right: Right
    panels: frozenset[str]
    words: str
    here: str

    async def push(self, version: Version, drawn: dict[str, str]) -> None:
        html = "".join(html for name, html in drawn.items() if name in self.panels)
        self.socket.here = self.here
        await self.socket.push(version, html + rendering.tail(version, self.words))


class Hub:
    """See the module. Every method belongs to the server's event loop, but for `_hinted`."""

    def __init__(self) -> None:
        self.rooms: dict[UUID, Room] = {}
        self.server = uuid.uuid4()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def add(self, socket: Socket) -> None:
        """Take in an open socket; it is brought up to date, or told that it is."""
        self._start()
        room = self.rooms.setdefault(socket.project_id, Room())
        first = not any(other.user_id == socket.user_id for other in room.sockets)
        room.sockets.add(socket)
        if first:
            await self._come(socket.project_id, socket.user_id)
        self._look(socket.project_id)

    async def remove(self, socket: Socket) -> None:
        """Forget a closed socket."""
        room = self.rooms.get(socket.project_id)
        if room is None or socket not in room.sockets:
            return
        room.sockets.discard(socket)
        if not room.sockets:
            del self.rooms[socket.project_id]
        if not self._is_here(socket.project_id, socket.user_id):
            self._go(self._leave(socket.project_id, socket.user_id))

    async def heard(self, socket: Socket, place: Place) -> None:
        """A page said what it shows."""
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

    def _hinted(self, project_id: UUID | None, _version: int) -> None:
        """In the hints' thread: look at a project, or at all of them."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look, project_id)

    def _look(self, project_id: UUID | None) -> None:
        for key in [project_id] if project_id else list(self.rooms):
            room = self.rooms.get(key)
            if room is not None:
                room.has_news = True
                if room.task is None or room.task.done():
                    room.task = self._go(self._refresh_while_new(key, room))

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
            room.next_at = time.monotonic() + COALESCE_SECONDS
            for socket in room.sockets:
                socket.missed = socket.outstanding is not None
            try:
                await self._refresh(project_id, [each for each in room.sockets if not each.missed])
            except Exception:
                logger.exception("project %s cannot be shown now", project_id)
                room.has_news = True
                room.next_at = time.monotonic() + PAUSE_AFTER_TROUBLE_SECONDS

    async def _refresh(self, project_id: UUID, sockets: list[Socket]) -> None:
        if not sockets:
            return
        rights, epoch, here = await in_thread(_look_up, project_id, sockets)
        behind = []
        for socket, right in zip(sockets, rights, strict=True):
            if await self._is_cut(socket, right):
                continue
            if socket.epoch != epoch or socket.shown.project > right.version.project:
                # Another database than the one its page came from.
                await socket.reload()
            elif socket.shown != right.version or socket.here != here:
                behind.append((socket, right))
            elif not socket.beat_at:
                await socket.beat(right.version)
        if not behind:
            return
        oldest = min(socket.shown.project for socket, _ in behind)
        news = await in_thread(rendering.news_after, project_id, oldest)
        lacking: dict[UUID, list[Lack]] = {}
        for socket, right in behind:
            panels = _panels_for(socket, right, news, here)
            words = rendering.in_words(news.since(socket.shown.project), socket.user_id)
            lacking.setdefault(socket.user_id, []).append(Lack(socket, right, frozenset(panels), words, here))
        for user_id in await self._push_chat(lacking):
            del lacking[user_id]
        # As many at a time as there are threads for it; each is sent as soon as it is drawn.
        await asyncio.gather(
            *(self._push_to(user_id, project_id, lacks) for user_id, lacks in lacking.items())
        )

    async def _push_chat(self, lacking: dict[UUID, list[Lack]]) -> list[UUID]:
        """Push to those who lack the chat alone, drawn for all of them at once; returns who they are.

        It is what changes most often, and nearly the same for everybody. Whose own panels may have
        changed, or who was not drawn for a while, is drawn in full instead.
        """
        views = [view for lacks in lacking.values() if (view := self._view_for_chat(lacks)) is not None]
        if not views:
            return []
        chats = await in_thread(rendering.render_chat, views)
        for user_id, html in chats.items():
            for lack in lacking[user_id]:
                shown = html.replace(rendering.VERSION_STAND_IN, str(lack.right.version))
                await lack.push(lack.right.version, {"chat": shown})
        return list(chats)

    def _view_for_chat(self, lacks: list[Lack]) -> Viewing | None:
        drawn = self.rooms[lacks[0].socket.project_id].drawn.get(lacks[0].socket.user_id)
        if drawn is None or any(lack.panels != {"chat"} for lack in lacks):
            return None
        view, until = drawn
        same = (view.summary.member_version, view.membership.role) == (
            lacks[0].right.version.member,
            lacks[0].right.role,
        )
        return view if same and time.monotonic() < until else None

    async def _push_to(self, user_id: UUID, project_id: UUID, lacks: list[Lack]) -> None:
        """Render once for a person, and send each of their sockets what it lacks."""
        names = frozenset[str]().union(*(lack.panels for lack in lacks))
        rendered = await in_thread(rendering.render, user_id, project_id, sorted(names))
        for lack in lacks:
            if rendered is None:
                await self._close(lack.socket, NO_MEMBER)
            else:
                await lack.push(rendered.version, rendered.panels)
        if rendered is not None and project_id in self.rooms:
            until = time.monotonic() + DRAWN_SECONDS
            self.rooms[project_id].drawn[user_id] = (rendered.view, until)

    # --- looking by itself -------------------------------------------------------------------

    async def _check_for_ever(self) -> None:
        told_present_at = 0.0
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self._check()
                if time.monotonic() - told_present_at >= BEAT_SECONDS and self.rooms:
                    told_present_at = time.monotonic()
                    await in_thread(_tell_present, self.server, self._people())
                    # Who is here by other processes' word, and whose time is over, is seen by a look.
                    self._look(None)
            except Exception as trouble:
                # No beat is sent meanwhile, so pages say that they are not live.
                logger.warning("the sockets cannot be checked now: %s", trouble)

    async def _check(self) -> None:
        sockets = [socket for room in self.rooms.values() for socket in room.sockets]
        for start in range(0, len(sockets), SOCKETS_A_LOOK):
            some = sockets[start : start + SOCKETS_A_LOOK]
            found = await in_thread(access.rights, [socket.admission for socket in some])
            for socket, right in zip(some, found, strict=True):
                await self._check_one(socket, right)

    async def _check_one(self, socket: Socket, right: Right) -> None:
        if await self._is_cut(socket, right):
            return
        now = time.monotonic()
        if now - socket.heard_at > SILENT_SECONDS:
            await self._close(socket, GOING_AWAY)
        elif socket.outstanding is not None:
            if now - socket.outstanding_since > ACKNOWLEDGE_SECONDS:
                await self._close(socket, TRY_AGAIN_LATER)
        else:
            if socket.shown != right.version:
                self._look(socket.project_id)
            if now - socket.beat_at >= BEAT_SECONDS - CHECK_SECONDS / 2:
                await socket.beat(right.version)

    async def _is_cut(self, socket: Socket, right: Right) -> bool:
        if right.close_code:
            await self._close(socket, right.close_code)
        return bool(right.close_code)

    async def _close(self, socket: Socket, code: int) -> None:
        await self.remove(socket)
        await socket.close_with(code)

    # --- presence ----------------------------------------------------------------------------

    def _is_here(self, project_id: UUID, user_id: UUID) -> bool:
        room = self.rooms.get(project_id)
        return room is not None and any(socket.user_id == user_id for socket in room.sockets)

    def _people(self) -> list[tuple[UUID, UUID]]:
        pairs = Counter(
            (project_id, socket.user_id) for project_id, room in self.rooms.items() for socket in room.sockets
        )
        return list(pairs)

    async def _come(self, project_id: UUID, user_id: UUID) -> None:
        try:
            await in_thread(_tell_present, self.server, [(project_id, user_id)])
            hints.send(project_id)
        except Exception as trouble:
            logger.warning("who came cannot be told now: %s", trouble)

    async def _leave(self, project_id: UUID, user_id: UUID) -> None:
        await asyncio.sleep(LEAVE_SECONDS)
        if self._is_here(project_id, user_id):
            return
        try:
            await in_thread(_tell_gone, self.server, project_id, user_id)
            hints.send(project_id)
        except Exception as trouble:
            logger.warning("who left cannot be told now, and expires: %s", trouble)


def _panels_for(socket: Socket, right: Right, news: News, here: str) -> set[str]:
    facts = news.since(socket.shown.project)
    if socket.shown.member != right.version.member:
        # One's own session or marks: nearly every panel is told from there.
        facts = None
    names = rendering.panels_to_render(facts)
    return names | {"presence"} if socket.here != here else names


def _look_up(project_id: UUID, sockets: Sequence[Socket]) -> tuple[list[Right], str, str]:
    found = access.rights([socket.admission for socket in sockets])
    with acting_as_system([project_id]):
        epoch, here = rendering.epoch_and_here(project_id)
    return found, epoch, here


def _tell_present(server: UUID, people: Iterable[tuple[UUID, UUID]]) -> None:
    pairs = list(people)
    with acting_as_system({project_id for project_id, _ in pairs}):
        presence.note_present(server, pairs)


def _tell_gone(server: UUID, project_id: UUID, user_id: UUID) -> None:
    with acting_as_system([project_id]):
        presence.note_gone(server, project_id, user_id)


hub = Hub()
