"""The chat: the newest messages, older ones a page at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from sessions_app.models import Message, User
from sessions_app.panels.days import day_label
from sessions_app.panels.viewing import Viewing

NAME = "chat"
TEMPLATE = "panels/_chat.html"
FOLLOWS = ("message.",)
MESSAGES_A_PAGE = 30


@dataclass(frozen=True)
class MessageShown:
    id: UUID
    role: str
    author_name: str
    # What tells members apart who share the name, or "".
    author_mark: str
    author: User | None
    agent_type: str
    text: str
    is_mine: bool
    is_deleted: bool
    created_at: dt.datetime
    edited_at: dt.datetime | None
    is_first_new: bool
    day: str
    answers_question: bool


@dataclass(frozen=True)
class Chat:
    messages: tuple[MessageShown, ...]
    older: str


def context(view: Viewing) -> dict[str, Any]:
    """`chat`: the newest page, oldest first."""
    return {"chat": page(view, None)}


def page(view: Viewing, before: Message | None) -> Chat:
    """The messages before `before` (or the newest), oldest first."""
    return page_of(view, newest_first(view.project_id, before))


def page_up_to(view: Viewing, message: Message) -> Chat:
    """`message` and those before it, oldest first."""
    found = Message.objects.filter(project_id=view.project_id).up_to(message).newest_first()
    return page_of(view, list(found[: MESSAGES_A_PAGE + 1]))


def newest_first(project_id: UUID, before: Message | None = None) -> list[Message]:
    """The rows of a page, and one more if there is one: the same for all who look."""
    found = Message.objects.filter(project_id=project_id).newest_first()
    if before is not None:
        found = found.before(before)
    return list(found[: MESSAGES_A_PAGE + 1])


def page_of(view: Viewing, newest_first: list[Message]) -> Chat:
    """A page of rows as this member sees them; two who see the same get equal pages."""
    shown = newest_first[:MESSAGES_A_PAGE][::-1]
    rest = newest_first[MESSAGES_A_PAGE:]
    first_new = _first_new(view, shown, reaches_back=bool(rest))
    messages = tuple(
        _shown(view, message, shown[place - 1] if place else None, message is first_new)
        for place, message in enumerate(shown)
    )
    return Chat(messages, older=str(shown[0].id) if rest else "")


def _first_new(view: Viewing, shown: list[Message], *, reaches_back: bool) -> Message | None:
    """The first message of others since the last session, when its place is on this page."""
    since = view.summary.last_end_version
    if since is None:
        return None
    new = [m for m in shown if m.version > since]
    # Everything here is new and there is more before: the marker belongs further up.
    if not new or (new[0] is shown[0] and reaches_back):
        return None
    return next((m for m in new if m.user_id != view.me.id), None)


def _shown(
    view: Viewing,
    message: Message,
    before: Message | None,
    is_first_new: bool,
) -> MessageShown:
    day = timezone.localtime(message.created_at).date()
    is_new_day = before is None or timezone.localtime(before.created_at).date() != day
    return MessageShown(
        id=message.id,
        role=message.role,
        author_name=str(message.user) if message.user else message.agent_type or "Leftoff",
        author_mark=view.namesakes.get(message.user_id, "") if message.user_id else "",
        author=message.user,
        agent_type=message.agent_type,
        text=message.text,
        is_mine=message.user_id == view.me.id,
        is_deleted=message.deleted_at is not None,
        created_at=message.created_at,
        edited_at=message.edited_at,
        is_first_new=is_first_new,
        day=day_label(day) if is_new_day else "",
        answers_question="answers" in message.metadata,
    )
