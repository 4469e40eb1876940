"""One project's open pages in this process, and what one of them lacks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sessions_app.db.trouble import Complaint
from sessions_app.live.admissions import AnyAdmission
from sessions_app.live.frames import Frame, Frames
from sessions_app.live.holdings import AS_LOADED, Holdings
from sessions_app.live.known import Known, KnownPeople
from sessions_app.live.place import Version
from sessions_app.live.rendering import Chats, News
from sessions_app.live.rights import Right, Standing, standing_of
from sessions_app.live.sockets import AnySocket, Socket
from sessions_app.metrics.instruments import PUSH_SECONDS
from sessions_app.panels import PANELS, chat

logger = logging.getLogger(__name__)

# Who is here is asked, and pages are told of others, so often at most.
HERE_SECONDS = 1.0
# The first of many get their panels while the others' are drawn.
PEOPLE_AT_ONCE = 200
_CHAT_ALONE = frozenset((chat.NAME,))


class Room:
    """One project's sockets in this process."""

    def __init__(self) -> None:
        self.sockets: set[AnySocket] = set()
        self.has_news = False
        self.next_at = 0.0
        self.task: asyncio.Task[None] | None = None
        self.complaint = Complaint(logger)
        # When the first hint came that nobody looked after yet.
        self.hinted_at: float | None = None
        # Who is here, as the pages are told, and from when on that may be asked again.
        self._here, self._next_here_at = "", 0.0
        # What waits for that moment.
        self.asking: asyncio.Task[None] | None = None
        self._standing: Standing | None = None
        self.known = KnownPeople()
        self.holdings = Holdings()

    def has(self, user_id: UUID) -> bool:
        """Whether this person has a page open here; a program of theirs may run while they are away."""
        return any(page.user_id == user_id for page in self.pages())

    def pages(self) -> Iterator[Socket]:
        """The sockets of pages."""
        return (socket for socket in self.sockets if isinstance(socket, Socket))

    def known_at(self, socket: AnySocket) -> Known | None:
        """As whom the person at this page was drawn lately."""
        return self.known.find(socket.user_id) if isinstance(socket, Socket) else None

    def complain_of(self, fault: Exception | None, what: str, project_id: UUID) -> None:
        """Say `what` of a part of a look that failed, if one did."""
        if fault is not None:
            self.complaint.about(fault, what, project_id)

    def asks_here(self) -> bool:
        """Whether it is time to ask anew who is here."""
        return time.monotonic() >= self._next_here_at

    def tell_here(self, here: str | None) -> tuple[str, float]:
        """Who is here as pages are told now, and in how many seconds to ask that again; 0: it was asked.

        Of many who come at once each would otherwise be told to all who came before. None: it was not.
        """
        now = time.monotonic()
        if here is None:
            return self._here, self._next_here_at - now
        if here != self._here:
            # Else the pages' own text stays: the very same is compared quickly.
            self._here = here
        self._next_here_at = now + HERE_SECONDS
        return self._here, 0.0

    def standing(self, sockets: Sequence[AnySocket]) -> Standing:
        """What these stand on: what was asked before, where they are the same."""
        self._standing = standing_of([socket.admission for socket in sockets], self._standing)
        return self._standing


@dataclass(frozen=True, eq=False)
class Lack:
    """What the pages lack that show the same, and what is said of it."""

    right: Right
    panels: frozenset[str]
    words: str
    here: str
    # When the hint came that this follows; None: nobody hinted, it was found by a look.
    hinted_at: float | None

    def chat_for(self, person: Known | None, chats: Chats) -> str | None:
        """The chat for a page that lacks nothing else; None: its person must be drawn anew."""
        if person is None or self.panels != _CHAT_ALONE or not person.is_drawn_so(self.right):
            return None
        return chats.of(person)

    def chat_frame(self, frames: Frames, html: str, socket: Socket) -> Frame:
        """What to send of a chat that was drawn in the look."""
        version = self.right.version
        return frames.frame(version, version, {chat.NAME: html}, self.words, socket.holding)

    def frame(
        self,
        frames: Frames,
        drawn_at: Version,
        drawn: dict[str, str],
        loaded: dict[str, str],
        socket: Socket,
    ) -> Frame:
        """What to send of what was drawn for its person; `loaded`: panels that a page of that version has.

        The page then shows the project as of the look: what happened until it was drawn may have changed
        panels that are not sent, and comes with the next push.
        """
        holding = socket.holding
        if holding is AS_LOADED and socket.shown == drawn_at:
            holding = frames.loaded_with(drawn_at, loaded)
        version = min(drawn_at, self.right.version)
        panels = {name: html for name, html in drawn.items() if name in self.panels}
        return frames.frame(version, drawn_at, panels, self.words, holding)

    async def push(self, socket: Socket, frame: Frame) -> None:
        """Send it."""
        socket.here = self.here
        await socket.push(frame)
        if self.hinted_at is not None:
            PUSH_SECONDS.observe(time.monotonic() - self.hinted_at)


# Whoever lacks something, by person: their sockets, and what each lacks.
Lacking = dict[UUID, list[tuple[Socket, Lack]]]


def without(lacking: Lacking, lost: Collection[AnyAdmission]) -> Lacking:
    """The same but for the sockets of those who may not have them any more."""
    if not lost:
        return lacking
    return {
        user_id: [(socket, lack) for socket, lack in lacks if socket.admission not in lost]
        for user_id, lacks in lacking.items()
    }


class Lacks:
    """What the pages of one room lack after one look; those that lack the same share one."""

    def __init__(self, news: News, here: str, hinted_at: float | None) -> None:
        self._news, self._here, self._hinted_at = news, here, hinted_at
        self._found: dict[tuple[object, ...], Lack] = {}

    def of(self, socket: Socket, right: Right) -> Lack:
        """What the page lacks that shows an older version, or other people being here."""
        actor = socket.user_id if self._news.tells(socket.user_id) else None
        key = right, socket.shown, socket.here == self._here, actor
        if key not in self._found:
            self._found[key] = self._lack(socket, right)
        return self._found[key]

    def _lack(self, socket: Socket, right: Right) -> Lack:
        shown = socket.shown.project
        is_ones_own = socket.shown.member != right.version.member
        # One's own session or marks: nearly every panel is told from there.
        panels = frozenset(PANELS) if is_ones_own else self._news.panels_since(shown)
        if socket.here != self._here:
            panels |= {"presence"}
        words = self._news.words_since(shown, socket.user_id)
        return Lack(right, panels, words, self._here, self._hinted_at)


def by_panels(lacking: Lacking) -> Iterator[tuple[frozenset[str], Lacking]]:
    """Who lacks the same panels, and these; not too many people at once."""
    alike: dict[frozenset[str], list[UUID]] = {}
    for user_id, lacks in lacking.items():
        names = frozenset[str]().union(*(lack.panels for _, lack in lacks))
        alike.setdefault(names, []).append(user_id)
    for names, people in alike.items():
        for start in range(0, len(people), PEOPLE_AT_ONCE):
            some = people[start : start + PEOPLE_AT_ONCE]
            yield names, {user_id: lacking[user_id] for user_id in some}
