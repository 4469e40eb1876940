"""Questions: asked by agents, ended by an answer, a dismissal, their deadline, or by nobody waiting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sessions_app import ledger
from sessions_app.db import queries
from sessions_app.insights.activity_rules import CLARIFICATION_AGENT, NewBlocker, NewQuestion
from sessions_app.ledger import Actor, Kind
from sessions_app.models import Question
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from sessions_app.models.questions import (
    ASKED_TEXT_MAX_CHARACTERS,
    CATEGORY_MAX_CHARACTERS,
    IMPORTANCE_MAX_CHARACTERS,
    QuestionStatus,
)
from sessions_app.services import asking, blockers, messages, reviews
from sessions_app.services.errors import Conflict, Invalid, NotAllowed, NotFound
from sessions_app.services.subjects import check_items
from sessions_app.services.texts import clean_line, clean_text


@dataclass(frozen=True)
class Reach:
    """How many exploring items an answer frees, and how many it helps that something else holds up too."""

    frees: int = 0
    helps: int = 0


def ask_question(
    project_id: UUID,
    agent_type: str,
    *,
    text: str,
    options: Sequence[str] = (),
    category: str = "",
    importance: str = "",
    blocks: Sequence[UUID] = (),
    expires_at: dt.datetime | None = None,
) -> Question:
    """Ask people something as an agent; the same question while still open is counted, not asked twice.

    `blocks` are items that wait for the answer: then a clarification blocker hangs on it, as by the rules
    of what agents report. Raises Invalid naming the field.
    """
    agent_type = clean_line(agent_type, "agent_type", most=AGENT_TYPE_MAX_CHARACTERS)
    new = NewQuestion(
        text=clean_text(text, "text", most=ASKED_TEXT_MAX_CHARACTERS, required=True),
        category=clean_line(category, "category", most=CATEGORY_MAX_CHARACTERS, required=False),
        importance=clean_line(importance, "importance", most=IMPORTANCE_MAX_CHARACTERS, required=False),
        options=tuple(
            clean_line(option, f"options[{place}]", most=ASKED_TEXT_MAX_CHARACTERS)
            for place, option in enumerate(options)
        ),
        blocks=tuple(blocks),
        expires_at=expires_at,
    )
    with ledger.change(project_id, Actor.agent(agent_type)) as change:
        if expires_at is not None and expires_at <= change.now:
            raise Invalid("expires_at", "must be in the future.")
        item_ids = check_items(project_id, blocks, "blocks")
        hangs = bool(blocks) or agent_type == CLARIFICATION_AGENT
        question = asking.ask_or_count(change, agent_type, new, item_ids, blocks=hangs)
        if hangs:
            stops = NewBlocker("clarification", new.text, category=new.category, importance=new.importance)
            blockers.raise_or_count(change, agent_type, stops, item_ids, question)
    return question


def get_question(project_id: UUID, question_id: UUID) -> Question:
    """The question, whatever became of it. Raises NotFound."""
    question = Question.objects.filter(project_id=project_id, id=question_id).first()
    if question is None:
        raise NotFound("This question is not there.")
    return question


def reach(project_id: UUID) -> dict[UUID, Reach]:
    """How far an answer to each of the project's open questions reaches."""
    rows = queries.rows("question_reach", {"project": project_id})
    return {row["question_id"]: Reach(row["frees"], row["helps"]) for row in rows}


def answer_question(project_id: UUID, actor: Actor, question_id: UUID, *, answer: str) -> Question:
    """Answer a question: posts the answer as a message and clears what hung on it.

    What a contested decision's question offers is done: it stands, or the item is reopened, by whoever
    answers. Raises NotFound; Invalid for an empty or overlong answer; Conflict when it is no longer open.
    """
    text = clean_text(answer, "answer", most=MESSAGE_MAX_CHARACTERS, required=True)
    with ledger.change(project_id, actor) as change:
        # Also past its deadline: until the upkeep has run, what was open is open everywhere.
        question = _open_question(project_id, question_id)
        message = messages.say(change, text, metadata={"answers": str(question.id)})
        question.answer, question.answer_message_id = text, message.id
        asking.end(change, question, QuestionStatus.ANSWERED, actor)
        change.record(
            Kind.QUESTION_ANSWERED,
            question_id=question.id,
            message_id=message.id,
            text=question.text,
        )
        blockers.clear(change, question.blockers.filter(status="open"), "answered")
        reviews.take_answer(change, question)
    return question


def dismiss_question(project_id: UUID, actor: Actor, question_id: UUID) -> Question:
    """Say that a question needs no answer. Raises NotFound, Conflict when it is no longer open."""
    with ledger.change(project_id, actor) as change:
        question = _open_question(project_id, question_id)
        asking.end(change, question, QuestionStatus.DISMISSED, actor)
        change.record(Kind.QUESTION_DISMISSED, question_id=question.id, text=question.text)
        blockers.clear(change, asking.clarifications(question), "question dismissed")
    return question


def withdraw_question(project_id: UUID, agent_type: str, question_id: UUID) -> Question:
    """Take a question back, as the agent that asked it.

    Raises NotFound, NotAllowed for another's, Conflict when it is no longer open.
    """
    with ledger.change(project_id, Actor.agent(agent_type)) as change:
        question = _open_question(project_id, question_id)
        if question.agent_type != agent_type or question.asked_by_id is not None:
            raise NotAllowed("Only the agent that asked a question may withdraw it.")
        asking.withdraw(change, [question])
    return question


def expire_due(project_id: UUID, now: dt.datetime) -> int:
    """Expire the open questions past their deadline; returns how many. Run by the upkeep job."""
    with ledger.change(project_id, Actor.system()) as change:
        due = list(Question.objects.due(now).filter(project_id=project_id))
        asking.retire(change, due, "its time was over")
    return len(due)


def _open_question(project_id: UUID, question_id: UUID) -> Question:
    question = Question.objects.filter(project_id=project_id, id=question_id).first()
    if question is None:
        raise NotFound("This question is not there any more.")
    if question.status != QuestionStatus.OPEN:
        raise Conflict(f"This question was {question.status} meanwhile.", current=question)
    return question
