"""Tracked input: what comes at the same moment is committed together, and only then is anybody told.

The first report of each program goes to Django, which judges its token and words the answer. Then the state
of the sign-in is known in which it was good, and what is sent with it is taken in by one statement for many;
where that says no, for whatever reason, Django is asked after all, and says why.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from sessions_app import ledger, strict_json
from sessions_app.api.sessions import Tracked
from sessions_app.asgi import Application, Message, Receive, Scope, Send
from sessions_app.db.together import Connection, NotNow, NotSure, Together
from sessions_app.db.trouble import Complaint
from sessions_app.hot.answers import Answer
from sessions_app.hot.askers import Asker, sign_in_state
from sessions_app.hot.memory import Memory
from sessions_app.hot.questions import Question
from sessions_app.hot.telling import Hearing, count_told, may_call, send_known
from sessions_app.management.web import refused
from sessions_app.metrics import intake
from sessions_app.metrics.observed import observing, request_id
from sessions_app.services import limits, taking_in
from sessions_app.services.errors import ServiceError
from sessions_app.services.taking_in import Event, Outcome

# The server itself ends what takes it long, and takes it back. Longer than that only a commit takes, or a
# line that is gone: which of them is not known, so it is waited for.
COMMIT_SECONDS = 2.5
KEPT = (Outcome.ACCEPTED, Outcome.SEEN_BEFORE)

_complaint = Complaint(logging.getLogger(__name__))


@dataclass(frozen=True, slots=True)
class _Known:
    """The state in which a sign-in was good, and what Django said then."""

    sign_in_state: str
    answer: Answer


@dataclass(slots=True)
class _Report:
    """What is to be kept, and how its sender is answered once it is."""

    event: Event
    question: Question
    answer: Answer
    # What the request is called.
    name: str

    def count(self, outcome: Outcome, told_at: float) -> None:
        """Count its request, and what it brought, now that it is kept; the time by time.perf_counter()."""
        with observing(self.name) as observed:
            intake.note_again(outcome is Outcome.SEEN_BEFORE)
            status, seconds = self.answer.status, told_at - self.question.asked_at
            count_told(self.answer, self.question, observed, status=status, seconds=seconds)
            intake.count_answer(intake.Door.TRACK, observed, status)


class Tracking:
    """Takes in what programs of people track, in front of an application that takes in the rest."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._known: Memory[tuple[object, ...], _Known] = Memory()
        self._intake: Together[_Report, Outcome] = Together(
            # One at a time: two would share the same crowd, and commit twice as often.
            _take_in,
            patience_seconds=COMMIT_SECONDS,
            lanes=1,
            # Not by who answers: also what comes from somebody who hangs up is kept, and counted.
            afterwards=_taken_in,
        )

    async def take(
        self, question: Question, asker: Asker, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Take one report in and answer it, or have it answered."""
        known = self._known.get(question.key)
        if known is None:
            await self._learn(question, asker, scope, receive, send)
            return
        body, again = await _read(receive)
        event = _event_in(body, asker, known.sign_in_state)
        if event is not None and await may_call(question, asker):
            scope = {**scope, limits.COUNTED: True}
            report = _Report(event, question, known.answer, request_id(question.request_id))
            if await self._take(report, scope, send):
                return
        await self._application(scope, again, send)

    async def close(self) -> None:
        """Give its connections back."""
        await self._intake.close()

    async def _take(self, report: _Report, scope: Scope, send: Send) -> bool:
        """Keep an event for good and tell so; False where it is Django's to say why not."""
        try:
            outcome = await self._intake.ask(report)
        except NotNow:
            return False
        except NotSure:
            # It may be kept already: only who sent it can know whether to send it once more.
            with observing(report.name) as observed:
                event, seconds = report.event, report.question.age
                intake.note_sender(user_id=event.user_id, project_id=event.project_id, is_agent=False)
                await refused.ask_to_come_again(scope, send, observed, seconds=seconds)
            return True
        if outcome not in KEPT:
            # A sign-in that has changed is looked at anew.
            self._known.pop(report.question.key, None)
            return False
        await send_known(report.answer, report.question, report.name, send)
        return True

    async def _learn(
        self, question: Question, asker: Asker, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Have Django judge and answer, and remember in which state of the sign-in it did."""
        state = await sign_in_state(asker)
        hearing = Hearing(question, 202, send)
        await self._application(scope, receive, hearing.hear)
        if state is not None and hearing.answer is not None:
            self._known[question.key] = _Known(state, hearing.answer)


async def _take_in(connection: Connection, reports: Sequence[_Report]) -> list[Outcome]:
    """Take events of many in, as the system for the projects they name: one round trip, one commit."""
    events = [report.event for report in reports]
    # Where it fails at its very commit, it fails here: nobody is told before.
    told = await connection.execute(taking_in.statement(), taking_in.parameters(events, by_system=True))
    return taking_in.outcomes(events, await told.fetchall())


def _taken_in(reports: Sequence[_Report], outcomes: Sequence[Outcome]) -> None:
    """Count what is kept, and tell those who work on it."""
    # Of all of them: to count one takes its time, which is not the next one's.
    told_at = time.perf_counter()
    taken = list(zip(reports, outcomes, strict=True))
    for project_id in {report.event.project_id for report, outcome in taken if outcome is Outcome.ACCEPTED}:
        # It is kept: a hint that is lost, the digester finds by looking itself.
        with suppress(Exception):
            ledger.tell(ledger.Waiting(project_id, is_shown=False))
    trouble: Exception | None = None
    for report, outcome in taken:
        if outcome in KEPT:
            # One that cannot be counted is one: the others of its commit are.
            try:
                report.count(outcome, told_at)
            except Exception as error:
                trouble = error
    if trouble is None:
        _complaint.is_over()
    else:
        _complaint.about(trouble, "what was tracked is kept, but not counted")


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The body, and a way to read the request once more."""
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body"):
        messages.append(await receive())
    said = iter(messages)

    async def again() -> Message:
        return next(said, None) or await receive()

    return b"".join(message.get("body", b"") for message in messages), again


def _event_in(body: bytes, asker: Asker, sign_in_state: str) -> Event | None:
    """What a body reports, if it is a report of the asker's own; whatever else it is, Django says."""
    try:
        told = Tracked.model_validate(strict_json.parse(body))
        user_id = UUID(asker.user_id)
        if told.user_id not in (None, "me", user_id):
            return None
        return taking_in.event(
            user_id,
            told.project_id,
            kind=told.kind,
            metadata=told.metadata,
            event_id=told.event_id,
            sign_in_id=asker.sign_in_id,
            sign_in_state=sign_in_state,
        )
    except (strict_json.NotJson, strict_json.BadValue, ValidationError, ServiceError):
        return None
