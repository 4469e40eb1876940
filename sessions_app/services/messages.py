"""Messages of the chat."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sessions_app import ledger
from sessions_app.ledger import Actor, Change, Kind, Said
from sessions_app.models import Message
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS, Author
from sessions_app.services import citations
from sessions_app.services.errors import NotAllowed, NotFound
from sessions_app.services.texts import clean_text

_ROLE_OF = {"user": Author.USER, "agent": Author.ASSISTANT, "system": Author.SYSTEM}


def post_message(project_id: UUID, actor: Actor, *, text: str, is_live: bool = False) -> Message:
    """Say something in the project's chat. Raises Invalid for an empty or overlong text.

    `is_live`: a person says it just now, and the in-house agents hear it; what is told of the past they
    do not. What agents say goes through agents.post_agent_message, which also reads their questions.
    """
    text = clean_text(text, "text", most=MESSAGE_MAX_CHARACTERS, required=True)
    with ledger.change(project_id, actor, is_certain=True) as change:
        message = say(change, text, unheard=is_live)
    # Last: to leave the agents a job takes longer than to tell the pages.
    if is_live:
        ledger.announce(Said(project_id))
    return message


def say(
    change: Change, text: str, metadata: Mapping[str, object] | None = None, *, unheard: bool = False
) -> Message:
    """Post a message in a change under way; `text` is clean already."""
    message = Message.objects.create(
        project_id=change.project_id,
        role=_ROLE_OF[change.actor.kind],
        user_id=change.actor.user_id,
        agent_type=change.actor.agent_type,
        text=text,
        metadata=dict(metadata or {}),
        version=change.version,
        created_at=change.now,
        unheard=unheard,
    )
    # The ledger says that something was said, not what: a deleted message is really gone.
    change.record(Kind.MESSAGE_POSTED, message_id=message.id)
    return message


def edit_message(project_id: UUID, actor: Actor, message_id: UUID, *, text: str) -> Message:
    """Change one's own message. Raises NotFound, NotAllowed for another's, Invalid.

    The in-house agents hear what it says now only if they did not hear it before.
    """
    text = clean_text(text, "text", most=MESSAGE_MAX_CHARACTERS, required=True)
    with ledger.change(project_id, actor) as change:
        message = own_message(project_id, actor, message_id)
        if is_changed := message.text != text:
            message.text, message.edited_at = text, change.now
            message.save(update_fields=["text", "edited_at"])
            change.record(Kind.MESSAGE_EDITED, message_id=message.id)
    if is_changed and message.unheard:
        ledger.announce(Said(project_id))
    return message


def delete_message(project_id: UUID, actor: Actor, message_id: UUID) -> None:
    """Delete one's own message: its text is gone, its place in the talk stays."""
    with ledger.change(project_id, actor) as change:
        message = own_message(project_id, actor, message_id)
        message.text, message.metadata, message.deleted_at = "", {}, change.now
        message.save(update_fields=["text", "metadata", "deleted_at"])
        citations.forget_message(project_id, message.id)
        change.record(Kind.MESSAGE_DELETED, message_id=message.id)


def own_message(project_id: UUID, actor: Actor, message_id: UUID) -> Message:
    """The actor's own message, or NotFound (also when deleted), or NotAllowed when another's."""
    message = Message.objects.filter(project_id=project_id, id=message_id, deleted_at__isnull=True).first()
    if message is None:
        raise NotFound("This message is not there any more.")
    if message.user_id is None or message.user_id != actor.user_id:
        raise NotAllowed("Only who wrote a message may change it.")
    return message
