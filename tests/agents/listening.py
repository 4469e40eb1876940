"""Saying things in Lighthouse, and having them heard."""

from __future__ import annotations

import datetime as dt

from sessions_app import clock
from sessions_app.agents import recorder
from sessions_app.db.rls import acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import AgentActivity, Message
from sessions_app.services import messages
from tests.conftest import Cast
from tests.doing import do


def say(cast: Cast, text: str, who: str = "bob", at: dt.datetime | None = None) -> Message:
    """A message in the chat as the chat box sends it."""
    if at is not None:
        with clock.at(at):
            return say(cast, text, who)
    message: Message = do(cast, who, messages.post_message, text=text, is_live=True)
    return message


def hear(cast: Cast) -> list[Message]:
    """Have what was said heard, and what came of it folded; returns the messages that ask something."""
    asking: list[Message] = []
    recorder.listen(cast.project.id, asking.append)
    digest_waiting([cast.project.id])
    return asking


def reports(cast: Cast) -> list[AgentActivity]:
    """What agents reported in Lighthouse, oldest first."""
    with acting_as_system([cast.project.id]):
        return list(AgentActivity.objects.filter(project_id=cast.project.id).order_by("received_at"))
