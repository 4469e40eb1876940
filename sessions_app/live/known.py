"""As whom a project's people were drawn last: of a thousand of them only what they differ by is kept."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
from uuid import UUID
from weakref import WeakValueDictionary

from sessions_app.live.rights import Right
from sessions_app.panels import chat, shared
from sessions_app.panels.texts import Reader
from sessions_app.panels.viewing import Viewing

# So long a person's name, zone and choices are taken to be what they were.
DRAWN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Known:
    """One person as they were drawn last."""

    reader: Reader
    role: str
    member_version: int
    # One of those who are shown the same chat, but for what is a reader's own: it stands for all of them.
    alike: Viewing
    # By time.monotonic().
    until: float

    def is_drawn_so(self, right: Right) -> bool:
        """Whether that is how they would be drawn now, with this right."""
        return self.member_version == right.version.member and self.role == right.role


class KnownPeople:
    """Those who were drawn lately."""

    def __init__(self) -> None:
        self._people: dict[UUID, Known] = {}
        self._alike: WeakValueDictionary[Hashable, Viewing] = WeakValueDictionary()

    def note(self, view: Viewing) -> None:
        """Remember as whom a person was drawn."""
        chat_key = chat.key(view.at_version(0))
        key = (shared.audience(view), view.me.zone, chat_key)
        alike = self._alike.get(key)
        if alike is None:
            # Who is here is the largest part of it, and nothing that the chat depends on.
            alike = self._alike[key] = replace(view, here={"people": [], "agents": []})
        until = time.monotonic() + DRAWN_SECONDS
        role, member_version = view.membership.role, view.summary.member_version
        self._people[view.me.id] = Known(view.reader, role, member_version, alike, until)

    def find(self, user_id: UUID) -> Known | None:
        """As whom the person was drawn lately."""
        known = self._people.get(user_id)
        return known if known is not None and time.monotonic() < known.until else None
