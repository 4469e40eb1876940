"""ask_question: something people have to say."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from sessions_app.insights.activity_shapes import MAX_LIST
from sessions_app.mcp.tool import Answer, Arguments, Given, Tool
from sessions_app.mcp.tools.fields import ItemIds
from sessions_app.models.bearers import Scope
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS, CATEGORY_MAX_CHARACTERS
from sessions_app.services import questions
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.shapes import Moment

Option = Annotated[str, StringConstraints(min_length=1, max_length=ASKED_TEXT_MAX_CHARACTERS)]


class Asking(Arguments):
    question: str = Field(
        min_length=1,
        max_length=ASKED_TEXT_MAX_CHARACTERS,
        description="One question, that can be answered without knowing your context",
        examples=["What may the hall cost?"],
    )
    options: list[Option] = Field(
        default_factory=list,
        max_length=MAX_LIST,
        description="Answers to choose from; people may still answer freely",
        examples=[["up to 500", "up to 900"]],
    )
    category: str = Field(
        "", max_length=CATEGORY_MAX_CHARACTERS, description="A word or two", examples=["budget"]
    )
    blocks: ItemIds = Field(
        default_factory=list,
        description="Ids of items that cannot be decided before the answer: then a blocker hangs on it",
    )
    expires_at: Moment | None = Field(None, description="After it the question is over, answered or not")


class Asked(Given):
    id: UUID
    question: str
    status: str
    times_seen: int = Field(description="More than 1: it was open already, and is counted, not asked twice")
    blocks: list[UUID]
    expires_at: dt.datetime | None


def _ask_question(caller: AgentCaller, asking: Asking) -> Answer:
    question = questions.ask_question(
        caller.project_id,
        caller.agent_type,
        text=asking.question,
        options=asking.options,
        category=asking.category,
        blocks=asking.blocks,
        expires_at=asking.expires_at,
    )
    asked = Asked(
        id=question.id,
        question=question.text,
        status=question.status,
        times_seen=question.times_seen,
        blocks=sorted(row.item_id for row in question.blocked_items.all()),
        expires_at=question.expires_at,
    )
    was_open = (
        f" It was open already and was asked {question.times_seen} times." if asked.times_seen > 1 else ""
    )
    return Answer(
        f"Asked as question {question.id}.{was_open} People answer when they come by; the answer stands in a"
        " later briefing. Go on with something else. Should you need it no more, withdraw it: post_activity"
        f' with details {{"resolves": ["{question.id}"]}}.',
        asked,
    )


TOOL = Tool(
    name="ask_question",
    title="Ask people",
    description=(
        "Ask the people of the project instead of guessing. It waits on their page until somebody answers,"
        " which may take days: the answer stands in a later briefing. The same words while the question is"
        " still open are counted, not asked twice."
    ),
    scope=Scope.QUESTIONS,
    takes=Asking,
    gives=Asked,
    run=_ask_question,
    is_idempotent=True,
    renamed={"text": "question"},
)
