"""What another server process has answered to a program, by way of Redis where there is one (exchange.py).

It is found as what was answered here is: by the question, and by the state its answer hangs on. That state
has just been looked up, right to see it and all, so what is found is neither stale nor somebody else's.
"""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from sessions_app import exchange
from sessions_app.hot.answers import Answer
from sessions_app.hot.questions import Question

PURPOSE = "answers to programs"


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and how many seconds ago it was made."""

    answer: Answer
    age: float


async def find(question: Question, state: str) -> Found | None:
    """What was answered elsewhere in this very state; None where nothing was, or there is no Redis."""
    if not (settings.REDIS_URL and question.is_program):
        return None
    told = await asyncio.to_thread(exchange.get, PURPOSE, (question.key, state))
    return _of_told(told) if told else None


async def share(question: Question, state: str, answer: Answer) -> None:
    """Let the others have an answer that was just made."""
    if settings.REDIS_URL and question.is_program:
        await asyncio.to_thread(exchange.put, PURPOSE, (question.key, state), lambda: _told(answer))


def _told(answer: Answer) -> dict[str, Any]:
    return {
        "made_at": time.time(),
        "status": answer.status,
        "headers": [[each.decode("latin-1") for each in header] for header in answer.headers],
        "body": base64.b64encode(answer.body).decode(),
        "etag": answer.etag,
        "route": answer.route,
    }


def _of_told(told: dict[str, Any]) -> Found:
    headers = ((name.encode("latin-1"), value.encode("latin-1")) for name, value in told["headers"])
    answer = Answer(
        told["status"], tuple(headers), base64.b64decode(told["body"]), told["etag"], told["route"]
    )
    # Clocks of two machines agree but nearly.
    return Found(answer, max(0.0, time.time() - told["made_at"]))
