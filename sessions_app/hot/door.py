"""The hot door itself: an ASGI application in front of another one. See the package."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from sessions_app.db.together import NotNow, Together
from sessions_app.hot.answers import Answer, Kept
from sessions_app.hot.askers import Asker, asker_of
from sessions_app.hot.questions import Question, Scope, question_in
from sessions_app.metrics import answered
from sessions_app.metrics.observed import observing, request_id
from sessions_app.metrics.routes import template_at
from sessions_app.services import limits
from sessions_app.services.errors import TooMany
from sessions_app.services.presence import PRESENT_SECONDS

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = answered.HEADER.lower().encode()
_OF_THIS_ANSWER = (_REQUEST_ID, b"set-cookie")


class HotDoor:
    """Answers from what was answered before, and hands on whatever was not."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._kept = Kept()
        self._states = Together(
            "answer_states",
            ("users", "projects", "sign_ins", "sessions", "with_analytics"),
            within=PRESENT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have it answered."""
        question = question_in(scope) if scope["type"] == "http" else None
        if question is None:
            await self._application(scope, receive, send)
            return
        started = time.perf_counter()
        state, asker = await self._look(question)
        if state is None or asker is None:
            await self._application(scope, receive, send)
            return
        answer = self._kept.get(question, state)
        if answer is None or not await _may_call(question, asker):
            hearing = _Hearing(question, send, lambda given: self._kept.keep(question, state, given))
            await self._application(_asking_for_all(scope), receive, hearing.hear)
            return
        with observing(request_id(question.request_id)) as observed:
            observed.statements = 1
            status = await _tell(answer, question, observed.id, send)
            seconds = time.perf_counter() - started
            answered.count(observed, route=answer.route, method="GET", status=status, seconds=seconds)

    async def close(self) -> None:
        """Give its connections back."""
        await self._states.close()

    async def _look(self, question: Question) -> tuple[str | None, Asker | None]:
        """What the answer hangs on right now, and who asks; None where Django is to look."""
        try:
            asker = await asker_of(question)
            if asker is None:
                return None, None
            state: str | None = await self._states.ask(
                asker.user_id,
                question.project_id,
                asker.sign_in_id,
                asker.session_key,
                question.with_analytics,
            )
        except NotNow:
            return None, None
        return state, asker


async def _may_call(question: Question, asker: Asker) -> bool:
    """Count a program's call; False past its limit, which Django then tells it of."""
    if not question.is_program:
        return True
    name = limits.caller_name(asker.user_id)
    try:
        if settings.REDIS_URL:
            await asyncio.to_thread(limits.count_call, name)
        else:
            limits.count_call(name)
    except TooMany:
        return False
    return True


def _asking_for_all(scope: Scope) -> Scope:
    """The request as it would be without a known ETag: what is kept is the whole answer."""
    return {**scope, "headers": [each for each in scope["headers"] if each[0] != b"if-none-match"]}


async def _tell(answer: Answer, question: Question, name: str, send: Send) -> int:
    """Send an answer, or the word that what the asker has still stands; returns the status."""
    stands = answer.stands(question.if_none_match)
    headers = answer.headers_of_not_modified if stands else [*answer.headers]
    status = 304 if stands else 200
    headers.append((_REQUEST_ID, name.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if stands else answer.body})
    return status


class _Hearing:
    """Listens to what Django answers, keeps it if it may be kept, and passes it on."""

    def __init__(self, question: Question, send: Send, keep: Callable[[Answer], None]) -> None:
        self._question, self._send, self._keep = question, send, keep
        # The head of an answer that may be kept, and the body so far.
        self._start: Message | None = None
        self._body = b""

    async def hear(self, message: Message) -> None:
        """Take what the application says."""
        if message["type"] == "http.response.start" and _may_be_kept(message, self._question):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        headers = {name.lower(): value for name, value in start["headers"]}
        name = headers[_REQUEST_ID].decode("latin-1")
        answer = Answer(
            headers=tuple(each for each in start["headers"] if each[0].lower() not in _OF_THIS_ANSWER),
            body=self._body,
            etag=headers.get(b"etag", b"").decode("latin-1"),
            route=template_at(str(self._question.key[1])),
        )
        self._keep(answer)
        await _tell(answer, self._question, name, self._send)


def _may_be_kept(start: Message, question: Question) -> bool:
    """Whether it would be the same for the next request.

    A cookie that the browser has already is only given anew so that it lasts longer, as each page does too.
    """
    has = question.credential.split("; ")
    given = (value for name, value in start["headers"] if name.lower() == b"set-cookie")
    return start["status"] == 200 and all(value.decode().partition(";")[0] in has for value in given)
