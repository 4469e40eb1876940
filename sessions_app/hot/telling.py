"""Answers on their way: Django's is listened to, and told again later."""

from __future__ import annotations

import asyncio

from django.conf import settings

from sessions_app.asgi import Message, Send
from sessions_app.hot.answers import Answer
from sessions_app.hot.askers import Asker
from sessions_app.hot.questions import Question
from sessions_app.metrics import answered
from sessions_app.metrics.observed import Observed
from sessions_app.metrics.routes import template_at
from sessions_app.services import limits
from sessions_app.services.errors import TooMany

_REQUEST_ID = answered.HEADER.lower().encode()
_OF_THIS_ANSWER = (_REQUEST_ID, b"set-cookie")


async def may_call(question: Question, asker: Asker) -> bool:
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


async def tell(
    answer: Answer, question: Question, observed: Observed, send: Send, *, statements: int = 1
) -> int:
    """Send what is known, count it as a request of `observed`, and return its status.

    To an asker who has it already it is the word that it still stands. `statements`: how many were asked
    for it; at least one told the state it hangs on, or did what was wanted.
    """
    status = await send_known(answer, question, observed.id, send)
    count_told(answer, question, observed, status=status, seconds=question.age, statements=statements)
    return status


def count_told(
    answer: Answer,
    question: Question,
    observed: Observed,
    *,
    status: int,
    seconds: float,
    statements: int = 1,
) -> None:
    """Count what was told after so many seconds as a request of `observed`.

    `statements`: how many were asked for it.
    """
    observed.statements = statements
    answered.count(observed, route=answer.route, method=question.method, status=status, seconds=seconds)


async def send_known(answer: Answer, question: Question, name: str, send: Send) -> int:
    """Send what is known, to a request of this name, and return its status."""
    stands = answer.stands(question.if_none_match)
    headers = answer.headers_of_not_modified if stands else [*answer.headers]
    status = 304 if stands else answer.status
    headers.append((_REQUEST_ID, name.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if stands else answer.body})
    return status


class Hearing:
    """Listens to what Django answers, and passes it on.

    `answer`: what may be told again, for it has this status and is good for the next request too.
    """

    answer: Answer | None = None

    def __init__(self, question: Question, status: int, send: Send) -> None:
        self._question, self._status, self._send = question, status, send
        # The head of an answer that may be kept, and the body so far.
        self._start: Message | None = None
        self._body = b""

    async def hear(self, message: Message) -> None:
        """Take what the application says, and pass it on."""
        if message["type"] == "http.response.start" and self._may_be_kept(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    def _may_be_kept(self, start: Message) -> bool:
        """Whether it would be the same for the next request.

        A cookie that the browser has already is only given anew so that it lasts longer, as pages do.
        """
        has = self._question.credential.split("; ")
        given = (value for name, value in start["headers"] if name.lower() == b"set-cookie")
        is_the_same = all(value.decode().partition(";")[0] in has for value in given)
        return start["status"] == self._status and is_the_same

    async def _finish(self, start: Message) -> None:
        headers = {name.lower(): value for name, value in start["headers"]}
        self.answer = answer = Answer(
            status=self._status,
            headers=tuple(each for each in start["headers"] if each[0].lower() not in _OF_THIS_ANSWER),
            body=self._body,
            etag=headers.get(b"etag", b"").decode("latin-1"),
            route=template_at(self._question.path),
        )
        if answer.stands(self._question.if_none_match):
            await send_known(answer, self._question, headers[_REQUEST_ID].decode("latin-1"), self._send)
        else:
            await self._send(start)
            await self._send({"type": "http.response.body", "body": self._body})
