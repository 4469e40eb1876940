"""One look at a project: who may still have a socket, who is here, what happened, and what is drawn then."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import Error

from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.live import rendering
from sessions_app.live.admissions import AnyAdmission
from sessions_app.live.rendering import Chats, News
from sessions_app.live.rights import Right, Standing
from sessions_app.panels.followed import follow
from sessions_app.panels.viewing import Viewing

R = TypeVar("R")


@dataclass(frozen=True)
class Look:
    """What was found; `rights` in the order of those who were asked about."""

    rights: list[Right]
    epoch: str
    # None: it was not asked.
    here: str | None
    # What happened after the oldest version that any of them shows, until that of the rights.
    news: News
    # Where nothing but the chat changed last; it is what changes most often.
    chats: Chats
    # Why there is none, where it could not be drawn.
    fault: Exception | None


@retrying
def look(
    project_id: UUID,
    standing: Standing,
    oldest: int | None,
    *,
    asks_here: bool,
    alike: Collection[Viewing] = (),
) -> Look:
    """Look at the database for sockets of one project, of which there is at least one.

    `oldest` is the oldest version of the project that is shown by those who are to be told what happened;
    None: nobody is. `alike` are views to draw the chat for.
    """
    with acting_as_system([project_id]):
        # What happens meanwhile is found, and told, by the next look.
        epoch, newest, here = rendering.place_and_here(project_id, asks_here=asks_here)
        news = News(newest, ())
        if oldest is not None and newest > oldest:
            news = rendering.news_between(project_id, oldest, newest)
            follow((project_id, epoch), oldest, newest, news.facts)
        chats, fault = _chats(project_id, alike if news.ends_in_chat else (), newest)
        # Last: whoever lost it meanwhile is shown nothing that happened afterwards.
        rights = standing.look({project_id: newest})
    return Look(rights, epoch, here, news, chats, fault)


def _chats(
    project_id: UUID, alike: Collection[Viewing], project_version: int
) -> tuple[Chats, Exception | None]:
    """The chat, or why it cannot be drawn: others are told something else, and the rights asked anyway."""
    try:
        return rendering.render_chat(project_id, alike, project_version), None
    except Error:
        # This transaction is over: nothing else can be asked in it either.
        raise
    except Exception as fault:
        return Chats({}), fault


@retrying
def drawn_after(
    project_id: UUID, standing: Standing, draw: Callable[[], R]
) -> tuple[R, frozenset[AnyAdmission]]:
    """What `draw` draws after a look, and who of those who were asked about then may not have it.

    Their right is asked once more when all of it has been read: whoever lost it meanwhile is shown nothing
    that happened afterwards.
    """
    with acting_as_system([project_id]):
        return draw(), standing.lost()
