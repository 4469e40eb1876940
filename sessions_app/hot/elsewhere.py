"""Summaries and steps that another server process has told a program, by way of Redis where there is one.

They are found by the state their answer hangs on. That has just been looked up, right to see it and all, so
what is found is neither stale nor somebody else's. Each process puts its own head before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from django.conf import settings

from sessions_app import exchange
from sessions_app.exchange import Made
from sessions_app.hot.askers import Asker
from sessions_app.hot.questions import Question

PURPOSE = "answers to programs"


async def find(question: Question, asker: Asker, state: str) -> Made[str] | None:
    """What was told elsewhere in this very state; None where nothing was, or there is no Redis."""
    if not settings.REDIS_URL:
        return None
    return await asyncio.to_thread(exchange.get, PURPOSE, _key(question, asker, state))


async def share(question: Question, asker: Asker, state: str, body: str) -> None:
    """Let the others have what was just made."""
    if settings.REDIS_URL:
        await asyncio.to_thread(exchange.put, PURPOSE, _key(question, asker, state), lambda: body)


def _key(question: Question, asker: Asker, state: str) -> Hashable:
    return question.asks_for, asker.user_id, question.project_id, state
