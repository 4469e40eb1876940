"""Items of a project's story, by short keys of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sessions_app import clock
from sessions_app.demo.occasions import Occasions, Who
from sessions_app.models import Item, ItemDependency, Message
from sessions_app.services import dependencies, items


class ItemsTold(Occasions):
    """What happens to the items."""

    def adds(
        self,
        who: Who,
        key: str,
        title: str,
        text: str = "",
        *,
        fills: Sequence[str] = (),
        cites: tuple[UUID, str, float] | None = None,
    ) -> None:
        """Add an item. `fills`: how the gaps it fills begin; `cites`: message, quote, confidence."""
        with self._event(who) as actor:
            gaps = [self._blocker(beginning) for beginning in fills]
            item = items.add_item(self.project_id, actor, title=title, text=text, fills=gaps)
            self.items[key] = item.id
            if cites is not None:
                message_id, quote, confidence = cites
                Item.objects.filter(id=item.id).update(
                    citation_message_id=message_id,
                    citation_quote=quote,
                    citation_at=Message.objects.get(id=message_id).created_at,
                    citation_confidence=confidence,
                )

    def edits(self, who: Who, key: str, *, title: str | None = None, text: str | None = None) -> None:
        """Change an item's words."""
        with self._event(who) as actor:
            item = items.get_item(self.project_id, self.items[key])
            items.edit_item(
                self.project_id,
                actor,
                item.id,
                title=title or item.title,
                text=text or item.text,
                version=item.version,
            )

    def decides(
        self,
        who: Who,
        key: str,
        reason: str,
        *,
        outcome: str = "",
        instead_of: Sequence[str] = (),
        look_again: dt.datetime | None = None,
    ) -> None:
        """Decide an item."""
        with self._event(who) as actor:
            items.decide_item(
                self.project_id,
                actor,
                self.items[key],
                reason=reason,
                outcome=outcome,
                alternatives=instead_of,
                review_at=look_again,
            )

    def parks(
        self,
        who: Who,
        key: str,
        reason: str,
        *,
        wakes: dt.datetime | None = None,
        until: str = "",
        visits: int | None = None,
    ) -> None:
        """Park an item; `until` is the key of the one whose decision wakes it."""
        with self._event(who) as actor:
            items.park_item(
                self.project_id,
                actor,
                self.items[key],
                reason=reason,
                wake_at=wakes,
                wake_item_id=self.items[until] if until else None,
                wake_sessions=visits,
            )

    def reopens(self, who: Who, key: str, reason: str) -> None:
        """Take an item up again."""
        with self._event(who) as actor:
            items.explore_item(self.project_id, actor, self.items[key], reason=reason)

    def deletes(self, who: Who, key: str) -> None:
        """Delete an item."""
        with self._event(who) as actor:
            items.delete_item(self.project_id, actor, self.items.pop(key))

    def waits(self, who: Who, key: str, *, on: str) -> None:
        """Say that one item waits for another."""
        with self._event(who) as actor:
            waiting, blocking = self.items[key], self.items[on]
            dependencies.add_dependency(self.project_id, actor, waiting_id=waiting, blocking_id=blocking)
            ItemDependency.objects.filter(waiting_id=waiting, blocking_id=blocking).update(
                created_at=clock.now()
            )
