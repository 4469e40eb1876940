"""Where a question, a blocker or a message is to be seen, also where its list comes in pages."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse


def row_url(project_id: UUID, kind: str, row_id: UUID | str) -> str:
    """A "question" or "blocker" in its list: of what is open or, once it is over, of what ended."""
    return f"{reverse(f'{kind}s', args=[project_id])}?at={row_id}#{kind}-{row_id}"


def message_url(project_id: UUID, message_id: UUID) -> str:
    """A message in its place in the chat."""
    return f"{reverse('messages', args=[project_id])}?at={message_id}#message-{message_id}"
