"""One project's open pages in this process, and what one of them lacks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sessions_app.db.trouble import Complaint
from sessions_app.live.access import Right
from sessions_app.live.frames import Frames
from sessions_app.live.holdings import AS_LOADED, Holdings
from sessions_app.live.known import KnownPeople
from sessions_app.live.place import Version
from sessions_app.live.rendering import News
from sessions_app.live.sockets import AnySocket, Socket
from sessions_app.metrics.instruments import PUSH_SECONDS
from sessions_app.panels import PANELS

logger = logging.getLogger(__name__)

# Pages are told of other people being here so often at most.
HERE_SECONDS = 1.0
# The first of many get their panels while the others' are drawn.
PEOPLE_AT_ONCE = 200


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
        # Who is here, as the pages were told, and from when on they may be told of others.
        self._here, self._next_here_at = "", 0.0
        self.known = KnownPeople()
        self.holdings = Holdings()

    def has(self, user_id: UUID) -> bool:
        """Whether this person has a page open here; a program of theirs may run while they are away."""
        return any(page.user_id == user_id for page in self.pages())

    def pages(self) -> Iterator[Socket]:
        """The sockets of pages."""
        return (socket for socket in self.sockets if isinstance(socket, Socket))

    def tell_here(self, here: str) -> tuple[str, float]:
        """Who is here as pages are told now, and in how many seconds they may be told more; 0: this is all.

        Of many who come at once each would otherwise be told to all who came before.
        """
        now = time.monotonic()
        if here != self._here and now >= self._next_here_at:
            self._here, self._next_here_at = here, now + HERE_SECONDS
        return self._here, 0.0 if here == self._here else self._next_here_at - now


@dataclass(frozen=True)
class Lack:
    """What one socket's page lacks, and what is said of it."""

    socket: Socket
    right: Right
    panels: frozenset[str]
    words: str
    here: str
    # When the hint came that this follows; None: nobody hinted, it was found by a look.
    hinted_at: float | None

    async def push(
        self, frames: Frames, drawn_at: Version, drawn: dict[str, str], loaded: dict[str, str]
    ) -> None:
        """Send it, out of what was drawn for its person; `loaded`: panels that a page of that version has.

        The page then shows the project as of the look: what happened until it was drawn may have changed
        panels that are not sent, and comes with the next push.
        """
        holding = self.socket.holding
        if holding is AS_LOADED and self.socket.shown == drawn_at:
            holding = frames.loaded_with(drawn_at, loaded)
        version = min(drawn_at, self.right.version)
        panels = {name: html for name, html in drawn.items() if name in self.panels}
        self.socket.here = self.here
        await self.socket.push(frames.frame(version, drawn_at, panels, self.words, holding))
        if self.hinted_at is not None:
            PUSH_SECONDS.observe(time.monotonic() - self.hinted_at)


def lack_of(socket: Socket, right: Right, news: News, here: str, hinted_at: float | None) -> Lack:
    """What the page lacks that shows an older version, or other people being here."""
    shown = socket.shown.project
    is_ones_own = socket.shown.member != right.version.member
    # One's own session or marks: nearly every panel is told from there.
    panels = frozenset(PANELS) if is_ones_own else news.panels_since(shown)
    if socket.here != here:
        panels |= {"presence"}
    return Lack(socket, right, panels, news.words_since(shown, socket.user_id), here, hinted_at)


def by_panels(lacking: dict[UUID, list[Lack]]) -> Iterator[tuple[frozenset[str], dict[UUID, list[Lack]]]]:
    """Who lacks the same panels, and these; not too many people at once."""
    alike: dict[frozenset[str], list[UUID]] = {}
    for user_id, lacks in lacking.items():
        names = frozenset[str]().union(*(lack.panels for lack in lacks))
        alike.setdefault(names, []).append(user_id)
    for names, people in alike.items():
        for start in range(0, len(people), PEOPLE_AT_ONCE):
            some = people[start : start + PEOPLE_AT_ONCE]
            yield names, {user_id: lacking[user_id] for user_id in some}
