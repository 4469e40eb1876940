"""One look at a project: who may still have a socket, who is here, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sessions_app.db.rls import acting_as_system
from sessions_app.live import access, rendering
from sessions_app.live.access import Right
from sessions_app.live.rendering import News
from sessions_app.live.sockets import AnySocket


@dataclass(frozen=True)
class Look:
    """What was found; `rights` in the order of the sockets that were asked about."""

    rights: list[Right]
    epoch: str
    here: str
    # What happened after the oldest version that any of them shows, until that of the rights.
    news: News


def look(project_id: UUID, sockets: Sequence[AnySocket]) -> Look:
    """Look at the database for these sockets of one project, of which there is at least one."""
    oldest = min(socket.shown.project for socket in sockets)
    found = access.rights([socket.admission for socket in sockets])
    with acting_as_system([project_id]):
        epoch, here = rendering.epoch_and_here(project_id)
    newest = max(right.version.project for right in found)
    # What happens meanwhile is found, and told, by the next look.
    news = rendering.news_after(project_id, oldest, newest) if newest > oldest else News(oldest, ())
    return Look(found, epoch, here, news)
