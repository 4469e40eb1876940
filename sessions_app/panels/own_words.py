"""What of a ledger row's `data` is its actor's own: neither others' words nor their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

_MOVED = ("after", "reason", "outcome", "wake_at", "wake_sessions", "alternatives", "review_at")
# By kind. What an item, a question or a blocker is called is its author's, and is in the row by which they
# called it so; whatever else a row names, it names by an id.
OWN: dict[str, tuple[str, ...]] = {
    "project.created": ("title",),
    "project.renamed": ("after",),
    "project.archived": (),
    "project.restored": (),
    "project.idle_set": ("after",),
    "member.joined": ("member",),
    "member.role_changed": ("member", "after"),
    "member.left": ("member",),
    "member.removed": ("member",),
    "item.added": ("title", "text", "after"),
    "item.edited": ("title", "text"),
    "item.decided": _MOVED,
    "item.parked": _MOVED,
    "item.explored": _MOVED,
    "item.woke": (),
    "item.contested": ("reason",),
    "item.confirmed": ("reason",),
    "item.review_due": (),
    "item.stands_still": (),
    "item.kept": (),
    "item.deleted": (),
    "item.waits": (),
    "item.waits_no_more": (),
    "message.posted": (),
    "message.edited": (),
    "message.deleted": (),
    # In a person's name only where they contest a decision: it quotes that one's title, and their reason.
    "question.asked": (),
    "question.answered": (),
    "question.dismissed": (),
    "question.expired": (),
    "blocker.raised": ("text", "type", "items", "waits_on_item", "waits_until"),
    "blocker.changed": (),
    # How one ended may quote the item that ended it.
    "blocker.cleared": (),
    "blocker.dismissed": (),
    "hand_off.left": ("text",),
}


def own_words(me: UUID, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What of the `data` of a row that this person caused is their own.

    Of a kind that is not known, nothing.
    """
    names = OWN.get(kind, ())
    return {name: data[name] for name in names if name in data and _is_own(me, data, name)}


def _is_own(me: UUID, data: Mapping[str, Any], name: str) -> bool:
    if name == "member":
        return bool(data["member"]["id"] == str(me))
    if name == "reason":
        # What a decision took the place of is parked with a reason that quotes the decision's title.
        return "superseded_by" not in data
    # Only an edit has what was there before by name; what it left as it was is whoever's it was.
    before = data.get("before")
    return not (isinstance(before, dict) and before.get(name) == data[name])
