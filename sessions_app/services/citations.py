"""Citations: the words an item is taken from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sessions_app.models import Item
from sessions_app.models.items import REASON_MAX_CHARACTERS

CITATION_FIELDS = ["citation_quote", "citation_message_id", "citation_at", "citation_confidence"]


@dataclass(frozen=True)
class Citation:
    """What was said, in which message, when, and how sure it is that it was meant so (0 to 1)."""

    quote: str
    message_id: UUID
    at: dt.datetime
    confidence: float


def cite(item: Item, citation: Citation) -> None:
    """Let an item carry a citation; the caller saves CITATION_FIELDS."""
    quote = citation.quote
    if len(quote) > REASON_MAX_CHARACTERS:
        quote = f"{quote[: REASON_MAX_CHARACTERS - 1]}…"
    item.citation_quote, item.citation_message_id = quote, citation.message_id
    item.citation_at, item.citation_confidence = citation.at, citation.confidence


def forget_message(project_id: UUID, message_id: UUID) -> None:
    """Take a deleted message's words out of the items that quote it."""
    quoting = Item.objects.filter(project_id=project_id, citation_message_id=message_id)
    quoting.exclude(citation_quote="").update(
        citation_quote="", citation_message_id=None, citation_at=None, citation_confidence=None
    )
