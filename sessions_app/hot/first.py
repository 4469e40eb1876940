"""First answers to programs: what was not asked before, or has changed since, is told without Django too.

The words are the API's (`api/session_rows.py`), the summary is the database's, the steps are the service's.
What Django alone judges is the sign-in: in the very state in which it found it good, it is good. So the first
question of each kind, and the first by each sign-in, are Django's, and so is whatever is in any way unusual.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from sessions_app import clock
from sessions_app.api.session_rows import steps_told, summary_told
from sessions_app.api.showing import as_text
from sessions_app.db.arrays import as_array
from sessions_app.db.together import Connection, NotNow, NotSure, Together, by_place
from sessions_app.hot.answers import Answer
from sessions_app.hot.askers import Asker, sign_in_state
from sessions_app.hot.heads import Heads
from sessions_app.hot.memory import Memory
from sessions_app.hot.questions import STEPS, SUMMARY, Question
from sessions_app.insights.next_steps import MAX_STEPS
from sessions_app.services import analytics, kept_analytics
from sessions_app.services.kept_analytics import Computed

logger = logging.getLogger(__name__)

# Each is a good deal of work for the database: with more of them nobody is sooner answered.
MOST_AT_ONCE = 16

_TOLD: dict[str, Callable[[UUID, Mapping[str, Any]], BaseModel]] = {
    SUMMARY: summary_told,
    STEPS: lambda project_id, summary: steps_told(project_id, summary["suggestedNextSteps"]),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer is made from, and what it hangs on."""

    state: str
    # The state of the sign-in by itself.
    sign_in: str
    summary: dict[str, Any]
    # What new steps are made from, where the summary's look old.
    facts: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class First:
    """An answer, its body by itself, and how many statements it took."""

    answer: Answer
    body: str
    statements: int


class FirstAnswers:
    """Makes answers to what is asked for the first time in a state."""

    def __init__(self) -> None:
        self._heads = Heads()
        # By the sign-in: the state in which Django answered a program of it.
        self._good: Memory[str, str] = Memory()
        self._finding: Together[Sequence[object], dict[str, Any] | None] = Together(
            _find, most_at_once=MOST_AT_ONCE
        )
        # One at a time, in which many are kept by one commit.
        self._keeping: Together[Computed, None] = Together(_keep, lanes=1)

    def knows(self, question: Question, asker: Asker) -> bool:
        """Whether such questions, and this sign-in, were answered by Django before."""
        return (
            _is_possible(question, asker)
            and str(asker.sign_in_id) in self._good
            and self._heads.knows(question)
        )

    async def find(self, question: Question, asker: Asker) -> Found | None:
        """What the database says to it, as the asker may see it; None where Django is to look."""
        try:
            found = await self._finding.ask((asker.user_id, question.project_id, asker.sign_in_id))
        except (NotNow, NotSure):
            return None
        # Whoever lost the project just now has a state still, and sees no summary.
        return Found(**found) if found and found["state"] and found["sign_in"] and found["summary"] else None

    async def answer(self, question: Question, asker: Asker, found: Found) -> First | None:
        """The answer; None where it is Django's to give."""
        if self._good.get(str(asker.sign_in_id)) != found.sign_in:
            return None
        try:
            return await self._answer(question, asker, found)
        except (NotNow, NotSure):
            return None
        except Exception:
            logger.exception("a first answer cannot be made, and is left to Django")
            return None

    async def _answer(self, question: Question, asker: Asker, found: Found) -> First | None:
        """Raises NotNow, NotSure."""
        project_id, summary, statements = UUID(question.project_id), found.summary, 1
        if not analytics.is_computed(summary):
            if found.facts is None or found.facts["project"] is None:
                return None
            row = analytics.computed(UUID(asker.user_id), project_id, summary, found.facts)
            await self._keeping.ask(row)
            summary, statements = summary | row.in_summary, 2
        body = as_text(_TOLD[question.asks_for](project_id, summary))
        answer = self.put_head_before(body, question)
        return First(answer, body, statements) if answer else None

    def put_head_before(self, body: str, question: Question) -> Answer | None:
        """The whole answer with this body; None where such a head is not known."""
        return self._heads.put_before(body, question)

    async def sign_in_state(self, question: Question, asker: Asker) -> str | None:
        """In which state Django is about to judge the sign-in; None where nothing is learned from that."""
        return await sign_in_state(asker) if _is_possible(question, asker) else None

    def learn(self, question: Question, asker: Asker, sign_in_state: str, answer: Answer) -> None:
        """Know from what Django said that the sign-in was good, and how such an answer begins."""
        self._good[str(asker.sign_in_id)] = sign_in_state
        self._heads.learn(question, answer)

    async def close(self) -> None:
        """Give its connections back."""
        await self._finding.close()
        await self._keeping.close()


def _is_possible(question: Question, asker: Asker) -> bool:
    """Whether such a question is answered here, once it is known how."""
    return question.asks_for in _TOLD and question.whose in ("", "me", asker.user_id)


async def _find(connection: Connection, asked: Sequence[Sequence[object]]) -> Sequence[dict[str, Any] | None]:
    look = by_place("first_answers", ("users", "projects", "sign_ins"), now=clock.now(), most=MAX_STEPS)
    return await look(connection, asked)


async def _keep(connection: Connection, rows: Sequence[Computed]) -> Sequence[None]:
    """Keep rows as the system for the projects they are of: one round trip, one commit."""
    projects = as_array({row.project_id for row in rows})
    async with connection.pipeline(), connection.transaction():
        await connection.execute("select set_config('app.projects', %s, true)", [projects])
        # What a crash takes along is of an older version than the project by that, and computed again.
        await connection.execute("set local synchronous_commit = off")
        await connection.execute(kept_analytics.statement(), kept_analytics.parameters(rows))
    return [None] * len(rows)
