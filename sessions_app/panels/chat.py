"""The chat: the newest messages, older ones a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
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
    is_deleted: bool
    created_at: dt.datetime
    edited_at: dt.datetime | None
    version: int
    # The first of a page that goes on before it: where the new begins is further up, if this is new.
    is_cut: bool
    day: str
    answers_question: bool


@dataclass(frozen=True)
class Chat:
    messages: tuple[MessageShown, ...]
    older: str


def key(view: Viewing) -> Hashable:
    """Whose each message is and where the new begins are holes, the rest the same for all."""
    # That the agents are paused is no fact, and raises no version.
    is_paused = view.project.agents_paused_at is not None
    return view.summary.version, view.members, view.me.hides_agents, is_paused


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
    """A page of rows, oldest first."""
    shown = newest_first[:MESSAGES_A_PAGE][::-1]
    rest = newest_first[MESSAGES_A_PAGE:]
    messages = tuple(
        _shown(view, message, shown[place - 1] if place else None, is_cut=bool(rest) and not place)
        for place, message in enumerate(shown)
    )
    return Chat(messages, older=str(shown[0].id) if rest else "")


def _shown(view: Viewing, message: Message, before: Message | None, *, is_cut: bool) -> MessageShown:
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
        is_deleted=message.deleted_at is not None,
        created_at=message.created_at,
        edited_at=message.edited_at,
        version=message.version,
        is_cut=is_cut,
        day=day_label(day) if is_new_day else "",
        answers_question="answers" in message.metadata,
    )
