"""What the in-house agents have yet to hear: messages of people that were said live."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from sessions_app.models import Message, Project


def projects_with_unheard() -> list[UUID]:
    """The projects in which somebody said something that is to be heard yet."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select project_id from projects_with_unheard_messages()")
        return [row[0] for row in cursor.fetchall()]


def are_agents_in(project_id: UUID) -> bool:
    """Whether the in-house agents take part in this project: it is there, not archived, and not paused."""
    live = Project.objects.filter(id=project_id, archived_at__isnull=True, agents_paused_at__isnull=True)
    return live.exists()


def unheard(project_id: UUID, most: int, *, after: int = -1) -> list[Message]:
    """What is to be heard and was said at a later version than `after`, in the order it was said."""
    waiting = Message.objects.filter(project_id=project_id, unheard=True, version__gt=after)
    return list(waiting.select_related("user").order_by("version", "created_at", "id")[:most])


def hear(message: Message) -> bool:
    """Mark a message heard; False when somebody heard it before, or it was edited since it was read.

    In one transaction with what follows from it, so that it has its effect once: another worker waits here
    for this one, and finds it heard. What was edited stays unheard, and the next look reads it anew. An edit
    of what was heard already is not heard again: it would be recorded twice where only a word changed.
    """
    as_read = Message.objects.filter(id=message.id, project_id=message.project_id, text=message.text)
    return as_read.filter(unheard=True).update(unheard=False) == 1


def hear_all(project_id: UUID) -> None:
    """Mark all heard, and do nothing about it: the agents keep out of this project."""
    Message.objects.filter(project_id=project_id, unheard=True).update(unheard=False)
