"""The hot door itself: an ASGI application in front of another one. See the package."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from sessions_app import clock
from sessions_app.asgi import Application, Receive, Scope, Send
from sessions_app.db.together import NotNow, NotSure, Together, by_place
from sessions_app.hot import elsewhere
from sessions_app.hot.answers import Answer, KeptAnswers
from sessions_app.hot.askers import Asker, asker_of
from sessions_app.hot.first import FirstAnswers
from sessions_app.hot.questions import Question, question_in
from sessions_app.hot.telling import Hearing, may_call, tell
from sessions_app.hot.tracking import Tracking
from sessions_app.metrics.observed import observing, request_id
from sessions_app.services import limits
from sessions_app.services.presence import PRESENT_SECONDS


class HotDoor:
    """Answers what it knows or can make, takes tracked input in, and hands on whatever else there is."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._kept = KeptAnswers()
        self._first = FirstAnswers()
        self._tracking = Tracking(application)
        look = by_place(
            "answer_states",
            ("users", "projects", "sign_ins", "sessions", "with_analytics", "shows_presence", "opened_at"),
            within=PRESENT_SECONDS,
            idle_minutes=settings.SESSION_IDLE_MINUTES,
        )
        self._states: Together[Sequence[object], str | None] = Together(look)
        # Who opens a page is locked by that: of two such looks each would wait for the other's people.
        self._openings: Together[Sequence[object], str | None] = Together(look, most_at_once=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have it answered."""
        question = question_in(scope) if scope["type"] == "http" else None
        asker = await _who_asks(question) if question else None
        if question is None or asker is None:
            await self._application(scope, receive, send)
        elif question.project_id:
            await self._answer(question, asker, scope, receive, send)
        else:
            await self._tracking.take(question, asker, scope, receive, send)

    async def close(self) -> None:
        """Give its connections back."""
        await self._states.close()
        await self._openings.close()
        await self._first.close()
        await self._tracking.close()

    async def _answer(
        self, question: Question, asker: Asker, scope: Scope, receive: Receive, send: Send
    ) -> None:
        state, answer, found, statements = None, None, None, 0
        if self._kept.holds(question) or not self._first.knows(question, asker):
            state, statements = await self._state_of(question, asker), 1
            answer = self._kept.get(question, state) if state else None
            if answer and await self._may_tell(question, asker, state):
                await _tell(answer, question, send, statements)
                return
        # Counted before the work: whoever calls too often has none of it done.
        if answer is None and self._first.knows(question, asker) and await may_call(question, asker):
            scope = {**scope, limits.COUNTED: True}
            if state and (answer := await self._told_elsewhere(question, asker, state)):
                await _tell(answer, question, send, statements)
                return
            found = await self._first.find(question, asker)
            state = found.state if found else None
            if found and (first := await self._first.answer(question, asker, found)):
                self._kept.keep(question, found.state, first.answer)
                await _tell(first.answer, question, send, statements + first.statements)
                await elsewhere.share(question, asker, found.state, first.body)
                return
        sign_in = found.sign_in if found else await self._first.sign_in_state(question, asker)
        hearing = Hearing(question, 200, send)
        await self._application(_asking_for_all(scope), receive, hearing.hear)
        if state is None or hearing.answer is None:
            return
        if sign_in:
            self._first.learn(question, asker, sign_in, hearing.answer)
        # Whoever came and went meanwhile may be in it, and would be told of again when all is as before.
        if not question.shows_presence or await self._state_of(question, asker) == state:
            self._kept.keep(question, state, hearing.answer)

    async def _told_elsewhere(self, question: Question, asker: Asker, state: str) -> Answer | None:
        """What another process told in this state, kept from here on."""
        made = await elsewhere.find(question, asker, state)
        answer = self._first.put_head_before(made.value, question) if made else None
        if made and answer:
            self._kept.keep(question, state, answer, age=made.age)
        return answer

    async def _may_tell(self, question: Question, asker: Asker, state: str | None) -> bool:
        """Count what is to be counted: a program's call, and that a page was opened."""
        if not question.is_page:
            return await may_call(question, asker)
        return await self._state_of(question, asker, opened_at=clock.now()) == state

    async def _state_of(
        self, question: Question, asker: Asker, opened_at: dt.datetime | None = None
    ) -> str | None:
        """What the answer hangs on right now; None where Django is to look.

        `opened_at`: when the page was opened, which resumes the session.
        """
        asked = (asker.user_id, question.project_id, asker.sign_in_id, asker.session_key)
        ask = (self._openings if opened_at else self._states).ask
        try:
            return await ask((*asked, question.with_analytics, question.shows_presence, opened_at))
        except (NotNow, NotSure):
            return None


async def _who_asks(question: Question) -> Asker | None:
    try:
        return await asker_of(question)
    except (NotNow, NotSure):
        return None


async def _tell(answer: Answer, question: Question, send: Send, statements: int) -> None:
    with observing(request_id(question.request_id)) as observed:
        await tell(answer, question, observed, send, statements=statements)


def _asking_for_all(scope: Scope) -> Scope:
    """The request as it would be without a known ETag: what is kept is the whole answer."""
    return {**scope, "headers": [each for each in scope["headers"] if each[0] != b"if-none-match"]}
