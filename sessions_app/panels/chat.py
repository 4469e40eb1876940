"""The chat: the newest messages, older ones a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from sessions_app.models import Message, User
from sessions_app.models.messages import MessageQuerySet
from sessions_app.panels.addresses import message_url
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


class Said(NamedTuple):
    """A message as it is read, by its columns: to make so many models takes longer than to read them."""

    id: UUID
    role: str
    user_id: UUID | None
    user__display_name: str
    user__email: str
    agent_type: str
    text: str
    metadata: dict[str, Any]
    version: int
    created_at: dt.datetime
    edited_at: dt.datetime | None
    deleted_at: dt.datetime | None


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
    if before is None:
        return _page_of(view, newest(view.project_id) if view.said is None else view.said)
    return _page_of(view, _read(Message.objects.filter(project_id=view.project_id).before(before)))


def page_up_to(view: Viewing, message: Message) -> Chat:
    """`message` and those before it, oldest first."""
    return _page_of(view, _read(Message.objects.filter(project_id=view.project_id).up_to(message)))


def address(message: Message) -> str:
    """Where a message is to be seen: on the project page while it is among the newest, else in its place."""
    newest_ids = (
        Message.objects.filter(project_id=message.project_id).newest_first().values_list("id", flat=True)
    )
    if message.id in newest_ids[:MESSAGES_A_PAGE]:
        return f"{reverse('project', args=[message.project_id])}#message-{message.id}"
    return message_url(message.project_id, message.id)


def newest(project_id: UUID) -> Sequence[Said]:
    """What the newest page is made from: the same for all who look (`Viewing.said`)."""
    return _read(Message.objects.filter(project_id=project_id))


def _read(found: MessageQuerySet) -> Sequence[Said]:
    """The newest of these, and one more than a page shows, if there is one; newest first."""
    rows = found.newest_first().values_list(*Said._fields)
    return [Said._make(row) for row in rows[: MESSAGES_A_PAGE + 1]]


def _page_of(view: Viewing, said: Sequence[Said]) -> Chat:
    shown, rest = said[:MESSAGES_A_PAGE][::-1], said[MESSAGES_A_PAGE:]
    by_author = {message.user_id: message for message in shown}
    authors = {user_id: _author(message) for user_id, message in by_author.items()}
    messages = tuple(
        _shown(view, authors, message, shown[place - 1] if place else None, is_cut=bool(rest) and not place)
        for place, message in enumerate(shown)
    )
    return Chat(messages, older=str(shown[0].id) if rest else "")


def _author(message: Said) -> User | None:
    """Who wrote it, by what is shown of them."""
    if message.user_id is None:
        return None
    return User(id=message.user_id, display_name=message.user__display_name, email=message.user__email)


def _shown(
    view: Viewing,
    authors: Mapping[UUID | None, User | None],
    message: Said,
    before: Said | None,
    *,
    is_cut: bool,
) -> MessageShown:
    day = timezone.localtime(message.created_at).date()
    is_new_day = before is None or timezone.localtime(before.created_at).date() != day
    author = authors[message.user_id]
    return MessageShown(
        id=message.id,
        role=message.role,
        author_name=str(author) if author else message.agent_type or "Leftoff",
        author_mark=view.namesakes.get(message.user_id, "") if message.user_id else "",
        author=author,
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
