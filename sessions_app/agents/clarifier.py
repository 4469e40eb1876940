"""The clarifier: a question of a person that nobody takes up in the chat is asked where it is seen."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.insights.asked import open_question
from sessions_app.insights.in_house import CLARIFIER, RECORDER
from sessions_app.models import Message
from sessions_app.models.messages import Author
from sessions_app.services import agents, hearing

WAIT = dt.timedelta(minutes=30)
# Later nobody waits for it any more.
TOO_OLD = dt.timedelta(days=2)
OPEN_FOR = dt.timedelta(days=7)


@retrying
def clarify(project_id: UUID, message_id: UUID) -> bool:
    """Ask what a message asks, if nobody else has said anything since; returns whether it was asked.

    To be called when WAIT is over; twice is once.
    """
    now = clock.now()
    with acting_as_system([project_id]):
        message = Message.objects.filter(
            project_id=project_id, id=message_id, role=Author.USER, created_at__gt=now - TOO_OLD
        ).first()
        if message is None or not hearing.are_agents_in(project_id) or _was_taken_up(message):
            return False
        question = open_question(message.text)
        if not question:
            # Edited or deleted meanwhile.
            return False
        asked = agents.post_agent_activity(
            project_id,
            agent_type=CLARIFIER,
            action="asks what nobody answered in the chat",
            details={
                "message": str(message.id),
                "questions": [
                    {
                        "question": f"Asked in the chat, and nobody answered yet: “{question}”",
                        "category": "chat",
                        # Counted from the message, so that a job that runs twice says the same.
                        "expiresAt": (message.created_at + OPEN_FOR).isoformat(),
                    }
                ],
            },
            event_id=message.id,
        )
        return asked is not None


def _was_taken_up(message: Message) -> bool:
    """Whether anybody else, person or agent, said something after it."""
    later = Message.objects.filter(
        project_id=message.project_id, version__gt=message.version, deleted_at__isnull=True
    )
    others = later.exclude(user=message.user).exclude(role=Author.SYSTEM)
    # The recorder only speaks of commands.
    return others.exclude(agent_type=RECORDER).exists()
