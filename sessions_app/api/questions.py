"""Questions: agents ask and may withdraw, people answer or dismiss."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sessions_app.api.agent_names import agent_of
from sessions_app.api.door import READS, ApiRequest, Place, operation, writes
from sessions_app.api.paging import by_time
from sessions_app.api.reading import Body, Id, MessageText, Moment, Page, optional_text
from sessions_app.api.showing import Data, List
from sessions_app.api.shown import QuestionShown, question_shown
from sessions_app.models import Question
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.bearers import Scope
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS
from sessions_app.services import questions

router = Place("/projects/{project_id}/questions", "Questions")
QUESTION = "/{question_id}"
Option = Annotated[str, StringConstraints(min_length=1, max_length=ASKED_TEXT_MAX_CHARACTERS)]


class QuestionNew(Body):
    """The same words on the same subject, while still open, are the same question."""

    # Told by an agent's token; people who ask for an agent name it.
    agent_type: str = optional_text(AGENT_TYPE_MAX_CHARACTERS)
    text: str = Field(min_length=1, max_length=ASKED_TEXT_MAX_CHARACTERS)
    options: list[Option] = Field(default_factory=list, max_length=50)
    category: str = optional_text(100)
    importance: str = optional_text(40)
    # Ids of items that wait for the answer: then a blocker hangs on it.
    blocks: list[Id] = Field(default_factory=list, max_length=200)
    # After it the question is over, answered or not.
    expires_at: Moment | None = None


class QuestionAnswer(Body):
    answer: MessageText


class QuestionWithdrawal(Body):
    # Told by an agent's token; people who withdraw for an agent name it.
    agent_type: str = optional_text(AGENT_TYPE_MAX_CHARACTERS)


class QuestionQuery(Page):
    status: Literal["open", "answered", "dismissed", "expired", ""] = Field(
        "", description="only questions in this state"
    )


@operation(router, "GET", "", gives={200: List[QuestionShown]}, may=READS)
def question_list(request: ApiRequest, project_id: Id, query: QuestionQuery) -> List[QuestionShown]:
    """The questions, newest first."""
    rows = (
        Question.objects.filter(project_id=project_id)
        .select_related("asked_by")
        .prefetch_related("blocked_items")
    )
    if query.status:
        rows = rows.filter(status=query.status)
    reach = questions.reach(project_id)
    return by_time(rows, "created_at", query, lambda row: question_shown(row, reach.get(row.id)))


@operation(
    router,
    "POST",
    "",
    gives={201: Data[QuestionShown]},
    may=writes(Scope.QUESTIONS),
    example={"text": "What may the hall cost?", "options": ["up to 500", "up to 900"]},
)
def question_ask(request: ApiRequest, project_id: Id, body: QuestionNew) -> Data[QuestionShown]:
    """Ask people something, as an agent."""
    question = questions.ask_question(
        project_id,
        agent_of(request, body.agent_type),
        text=body.text,
        options=body.options,
        category=body.category,
        importance=body.importance,
        blocks=body.blocks,
        expires_at=body.expires_at,
    )
    return _open_shown(question)


@operation(router, "GET", QUESTION, gives={200: Data[QuestionShown]}, may=READS)
def question_read(request: ApiRequest, project_id: Id, question_id: Id) -> Data[QuestionShown]:
    """One question, with its answer once it has one."""
    return _open_shown(questions.get_question(project_id, question_id))


@operation(
    router,
    "POST",
    f"{QUESTION}/answer",
    gives={200: Data[QuestionShown]},
    may=writes(),
    example={"answer": "Up to 900, if the stage is in it."},
)
def question_answer(
    request: ApiRequest, project_id: Id, question_id: Id, body: QuestionAnswer
) -> Data[QuestionShown]:
    """Answer a question: the answer is said in the chat, and what hung on it clears. People only."""
    question = questions.answer_question(project_id, request.actor, question_id, answer=body.answer)
    return Data(data=question_shown(question))


@operation(router, "POST", f"{QUESTION}/dismiss", gives={200: Data[QuestionShown]}, may=writes())
def question_dismiss(request: ApiRequest, project_id: Id, question_id: Id) -> Data[QuestionShown]:
    """Say that a question needs no answer. People only."""
    question = questions.dismiss_question(project_id, request.actor, question_id)
    return Data(data=question_shown(question))


@operation(
    router,
    "POST",
    f"{QUESTION}/withdraw",
    gives={200: Data[QuestionShown]},
    may=writes(Scope.QUESTIONS),
    example={},
)
def question_withdraw(
    request: ApiRequest, project_id: Id, question_id: Id, body: QuestionWithdrawal
) -> Data[QuestionShown]:
    """Take a question back, as the agent that asked it."""
    agent_type = agent_of(request, body.agent_type)
    return Data(data=question_shown(questions.withdraw_question(project_id, agent_type, question_id), None))


def _open_shown(question: Question) -> Data[QuestionShown]:
    reach = questions.reach(question.project_id)
    return Data(data=question_shown(question, reach.get(question.id)))
