"""Questions within a change under way: asked, counted, ended. The verbs of people are in questions.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from sessions_app.insights.activity_rules import REVIEW_AGENT, NewBlocker, NewQuestion, fingerprint
from sessions_app.ledger import Actor, Change, Kind
from sessions_app.models import Blocker, Question, QuestionItem
from sessions_app.models.blockers import BlockerStatus, BlockerType
from sessions_app.models.items import State
from sessions_app.models.questions import QuestionStatus
from sessions_app.services import blockers, webhooks

NOBODY_WAITS = "nobody waits for it any more"
WITHDRAWN = "withdrawn by the agent that asked"


def ask_or_count(
    change: Change, agent_type: str, new: NewQuestion, item_ids: Sequence[UUID], *, blocks: bool
) -> Question:
    """Ask what an agent asks, or count it when the same question is still open.

    `item_ids` are the items that wait for the answer, checked by the caller; `blocks` says that a
    blocker hangs on it.
    """
    identity = fingerprint(agent_type, new.text, item_ids)
    known = Question.objects.open().filter(project_id=change.project_id, fingerprint=identity).first()
    if known is not None:
        known.times_seen += 1
        known.last_seen_at = change.now
        known.save(update_fields=["times_seen", "last_seen_at"])
        return known
    return ask(change, agent_type, new, item_ids, by=Actor.agent(agent_type), blocks=blocks)


def ask(
    change: Change,
    agent_type: str,
    new: NewQuestion,
    item_ids: Sequence[UUID],
    *,
    by: Actor,
    blocks: bool = False,
) -> Question:
    """Ask a question that is not open yet: an agent its own, or one in the name of a person (`by`)."""
    # Another's question in the same words is another question.
    whose = agent_type if by.user_id is None else f"{agent_type} for {by.user_id}"
    question = Question.objects.create(
        project_id=change.project_id,
        agent_type=agent_type,
        asked_by_id=by.user_id,
        text=new.text,
        category=new.category,
        importance=new.importance,
        options=list(new.options),
        fingerprint=fingerprint(whose, new.text, item_ids),
        blocks=blocks,
        expires_at=new.expires_at,
        version=change.version,
        created_at=change.now,
        last_seen_at=change.now,
    )
    QuestionItem.objects.bulk_create(
        QuestionItem(project_id=change.project_id, question=question, item_id=item_id) for item_id in item_ids
    )
    change.record(
        Kind.QUESTION_ASKED,
        actor=by,
        question_id=question.id,
        text=question.text,
        items=[str(item_id) for item_id in item_ids],
    )
    return question


def open_of(project_id: UUID, agent_type: str) -> QuerySet[Question]:
    """The open questions that an agent asked for itself."""
    return Question.objects.open().filter(project_id=project_id, agent_type=agent_type, asked_by__isnull=True)


def open_reviews(project_id: UUID, item_id: UUID) -> Iterable[Question]:
    """The open question whether the item's decision stands; there is one at most."""
    return Question.objects.open().filter(
        project_id=project_id,
        agent_type=REVIEW_AGENT,
        # An agent from outside may bear the name; it asks for nobody.
        asked_by__isnull=False,
        blocked_items__item_id=item_id,
    )


def retire(change: Change, questions: Iterable[Question], how: str) -> None:
    """Let open questions expire because nobody waits for their answers any more; `how` says why not."""
    for question in questions:
        expire(change, question, how=how)


def retire_unwaited(change: Change, item_ids: Iterable[UUID]) -> None:
    """Retire the open questions that only these items, which were exploring until now, still waited for.

    For the change in which they are decided, parked or deleted, before their rows are gone. A question that
    names no items is for people to end.
    """
    left = list(item_ids)
    named = QuestionItem.objects.filter(project_id=change.project_id)
    waited = named.exclude(item_id__in=left).filter(item__state=State.EXPLORING)
    over = (
        Question.objects.open()
        .filter(project_id=change.project_id, id__in=named.filter(item_id__in=left).values("question_id"))
        .exclude(id__in=waited.values("question_id"))
        .order_by("created_at", "id")
    )
    retire(change, over, NOBODY_WAITS)


def ask_again(change: Change, item_ids: Iterable[UUID]) -> None:
    """Ask again what agents asked of these items and nobody waited for any more; they are explored again.

    What was asked anew since is left to that, whatever became of it.
    """
    named = QuestionItem.objects.filter(project_id=change.project_id, item_id__in=list(item_ids))
    over = Question.objects.filter(
        project_id=change.project_id,
        id__in=named.values("question_id"),
        status=QuestionStatus.EXPIRED,
        ended_how=NOBODY_WAITS,
        asked_by__isnull=True,
    )
    for question in over.order_by("created_at", "id"):
        _ask_again(change, question)


def _ask_again(change: Change, old: Question) -> None:
    agent_type = old.agent_type
    # Some may have been deleted meanwhile, which makes it another question.
    item_ids = sorted(old.blocked_items.values_list("item_id", flat=True))
    identity = fingerprint(agent_type, old.text, item_ids)
    same = Question.objects.filter(project_id=change.project_id, fingerprint=identity)
    if same.filter(version__gt=old.version).exists():
        return
    is_ahead = old.expires_at is not None and old.expires_at > change.now
    new = NewQuestion(
        text=old.text,
        category=old.category,
        importance=old.importance,
        options=tuple(old.options),
        blocks=tuple(item_ids),
        expires_at=old.expires_at if is_ahead else None,
    )
    question = ask_or_count(change, agent_type, new, item_ids, blocks=old.blocks)
    if old.blockers.filter(type=BlockerType.CLARIFICATION).exists():
        stops = NewBlocker("clarification", new.text, category=new.category, importance=new.importance)
        blockers.raise_or_count(change, agent_type, stops, item_ids, question)
    for gap in old.blockers.filter(status=BlockerStatus.OPEN):
        blockers.hang_on(change, agent_type, gap, question)


def withdraw(change: Change, questions: Iterable[Question]) -> None:
    """Take open questions back, each as the agent that asked it."""
    for question in questions:
        agent = Actor.agent(question.agent_type)
        question.ended_how = WITHDRAWN
        end(change, question, QuestionStatus.DISMISSED, agent)
        change.record(
            Kind.QUESTION_DISMISSED, actor=agent, question_id=question.id, text=question.text, how=WITHDRAWN
        )
        blockers.clear(change, clarifications(question), "question withdrawn", actor=agent)


def expire(change: Change, question: Question, *, how: str) -> None:
    """End a question without an answer, by nobody in particular; `how` says what ended it."""
    question.ended_how = how
    end(change, question, QuestionStatus.EXPIRED, Actor.system())
    change.record(
        Kind.QUESTION_EXPIRED, actor=Actor.system(), question_id=question.id, text=question.text, how=how
    )
    blockers.clear(change, clarifications(question), "question expired", actor=Actor.system())


def end(change: Change, question: Question, status: QuestionStatus, actor: Actor) -> None:
    """Bring a question's row to its end; the caller records it."""
    question.status, question.ended_at = status, change.now
    question.ended_by_id, question.version = actor.user_id, change.version
    question.save(
        update_fields=[
            "status",
            "ended_at",
            "ended_by",
            "ended_how",
            "version",
            "answer",
            "answer_message_id",
        ]
    )
    webhooks.queue_question_ended(change, question)


def clarifications(question: Question) -> Sequence[Blocker]:
    """What hangs on the question alone. A gap in what is known stays one, unanswered."""
    return list(question.blockers.filter(status="open", type=BlockerType.CLARIFICATION))
