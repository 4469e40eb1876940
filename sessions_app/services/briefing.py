"""The briefing: what a person sees on coming back, gathered for an agent (or for a person's program)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When, Window

from sessions_app import clock
from sessions_app.insights import briefing as told
from sessions_app.insights import hand_overs
from sessions_app.insights.briefing import Briefing, Section
from sessions_app.insights.hand_overs import HandOver
from sessions_app.insights.wording import Step, word_step
from sessions_app.models import AgentActivity, HandOff, Item, Project, Question, Session
from sessions_app.models.items import State
from sessions_app.models.questions import QuestionStatus
from sessions_app.services import agent_tokens, analytics
from sessions_app.services.errors import NotFound
from sessions_app.services.questions import Reach, reach

# Rows of a section at most; more are counted, and read by the call that `rest` names.
MOST_ROWS = 20
MOST_HANDED_OVER = 3
# They are looked for among so many of the newest reports, not older than this.
_REPORTS_LOOKED_AT = 500
_HANDED_OVER_LATELY = dt.timedelta(days=30)


def briefing(
    project_id: UUID, *, agent_type: str = "", user_id: UUID | None = None, since: int | None = None
) -> Briefing:
    """Where an agent (`agent_type`), or a person (`user_id`), left off in a project.

    `since` is the version they know it at. Left out, it is their last visit's: an agent knows the briefing
    it had read when it last did something, a person what was there when their last session ended. Reading
    consumes nothing: read again before the next act, it tells the same and what came meanwhile. Raises
    NotFound.
    """
    project = Project.objects.select_related("counter").filter(id=project_id).first()
    if project is None:
        raise NotFound("This project is not there.")
    found = analytics.step_facts(user_id, project_id)
    version = found["project"]["version"]
    if since is None:
        since = _left_off(user_id, project_id) if user_id else agent_tokens.last_visit(project_id, agent_type)
    questions = Question.objects.filter(project_id=project_id)
    counter = project.counter
    here = f"GET /api/projects/{project_id}"
    made = Briefing(
        project_id=str(project_id),
        title=project.title,
        agent_type=agent_type,
        version=version,
        since=since,
        counts={
            "exploring": counter.exploring,
            "decided": counter.decided,
            "parked": counter.parked,
            "openQuestions": counter.questions_open,
            "openBlockers": counter.blockers_open,
        },
        handed_over=_handed_over(project_id, agent_type, f"{here}/agent-activity, {here}/hand-offs"),
        answers=_answers(questions, agent_type, since, f"{here}/questions"),
        decided=_decided(project_id, since, f"{here}/items?state=decided"),
        questions=_open(questions, agent_type, counter.questions_open, f"{here}/questions?status=open"),
        blockers=Section(
            [_stuck(row) for row in found["activeBlockers"]],
            counter.blockers_open,
            f"{here}/blockers?status=open",
        ),
        steps=_steps(project_id, found, f"GET /api/sessions/suggested-steps/{project_id}"),
        exploring=_exploring(project_id, counter.exploring, f"{here}/items?state=exploring"),
    )
    if agent_type:
        agent_tokens.note_briefed(agent_type, version)
    return made


def _left_off(user_id: UUID, project_id: UUID) -> int:
    """The project's version at the end of this person's last session; 0 before the first."""
    ended = Session.objects.filter(user_id=user_id, project_id=project_id, session_end__isnull=False)
    versions = ended.order_by("-session_end").values_list("end_version", flat=True)
    return versions.first() or 0


def _decided(project_id: UUID, since: int, rest: str) -> Section[told.Decided]:
    rows = Item.objects.filter(project_id=project_id, state=State.DECIDED, decided_version__gt=since)
    newest = rows.select_related("state_by").order_by("-decided_version", "-id")[:MOST_ROWS]
    return Section([_decision(item) for item in newest], rows.count(), rest)


def _decision(item: Item) -> told.Decided:
    by = str(item.state_by) if item.state_by else item.state_by_agent or "Leftoff"
    return told.Decided(str(item.id), item.title, item.reason, item.outcome, by, item.state_changed_at)


def _answers(questions: QuerySet[Question], agent_type: str, since: int, rest: str) -> Section[told.Asked]:
    """How questions ended: an agent's own, or for a person everybody's that were answered."""
    ended = questions.filter(version__gt=since).exclude(status=QuestionStatus.OPEN)
    mine = ended.filter(agent_type=agent_type) if agent_type else ended.filter(status=QuestionStatus.ANSWERED)
    newest = mine.select_related("ended_by").order_by("-version", "-id")[:MOST_ROWS]
    return Section([_asked(question) for question in newest], mine.count(), rest)


def _open(questions: QuerySet[Question], agent_type: str, total: int, rest: str) -> Section[told.Asked]:
    """What is open: an agent's own questions come first."""
    own = Case(When(agent_type=agent_type, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = questions.filter(status=QuestionStatus.OPEN).select_related("ended_by")
    first = list(rows.order_by(own, "created_at", "id")[:MOST_ROWS])
    reaches = reach(first[0].project_id) if first else {}
    return Section([_asked(row, reaches.get(row.id)) for row in first], total, rest)


def _asked(row: Question, its_reach: Reach | None = None) -> told.Asked:
    its_reach = its_reach or Reach()
    return told.Asked(
        id=str(row.id),
        text=row.text,
        agent_type=row.agent_type,
        asked_at=row.created_at,
        status=row.status,
        answer=row.answer,
        by=str(row.ended_by) if row.ended_by else "",
        ended_at=row.ended_at,
        options=[option for option in row.options if isinstance(option, str)],
        how=row.ended_how,
        frees=its_reach.frees,
        helps=its_reach.helps,
    )


def _exploring(project_id: UUID, total: int, rest: str) -> Section[told.Explored]:
    rows = Item.objects.filter(project_id=project_id, state=State.EXPLORING).newest_first()[:MOST_ROWS]
    return Section([told.Explored(str(row.id), row.title, row.changed_at) for row in rows], total, rest)


def _stuck(row: Mapping[str, Any]) -> told.Stuck:
    return told.Stuck(
        id=row["id"],
        text=row["text"],
        type=row["type"],
        since=analytics.moment_of(row["since"]),
        items=[item["title"] for item in row["items"]],
        question_id=row["question_id"],
        waits_for=_waited_for(row["waits_for"]),
        waits_on=row["waits_on"]["title"] if row["waits_on"] else "",
        waits_until=analytics.moment_of(row["waits_until"]) if row["waits_until"] else None,
    )


def _waited_for(person: Mapping[str, Any] | None) -> str:
    """Whom a blocker waits for; whoever left is named no more."""
    return str(person["name"]) if person and person["is_member"] else ""


def _steps(project_id: UUID, found: dict[str, Any], rest: str) -> Section[Step]:
    steps = [word_step(row, clock.now()) for row in analytics.suggested_steps(project_id, found)]
    return Section(steps, len(steps), rest)


def _handed_over(project_id: UUID, agent_type: str, rest: str) -> Section[HandOver]:
    """What was handed over lately: by people, and by agents to this agent or to nobody in particular.

    A person sees all of it.
    """
    lately = clock.now() - _HANDED_OVER_LATELY
    notes = HandOff.objects.filter(project_id=project_id, created_at__gt=lately)
    last = list(
        notes.select_related("user")
        .annotate(in_all=Window(Count("id")))
        .order_by("-created_at")[:MOST_HANDED_OVER]
    )
    notes_in_all = last[0].in_all if last else 0
    left = [HandOver(str(row.user), "", row.text, (), row.created_at, by_person=True) for row in last]
    newest = AgentActivity.objects.filter(project_id=project_id).order_by("-received_at")[:_REPORTS_LOOKED_AT]
    rows = AgentActivity.objects.filter(
        id__in=newest.values("id"),
        received_at__gt=lately,
        details__has_key=hand_overs.KEY,
    ).exclude(agent_type=agent_type)
    read = (hand_overs.read_hand_over(row.agent_type, row.details, row.received_at) for row in rows)
    meant = [each for each in read if each and (not agent_type or each.to in ("", agent_type))]
    newest_first = sorted(left + meant, key=lambda each: each.at, reverse=True)
    return Section(newest_first[:MOST_HANDED_OVER], notes_in_all + len(meant), rest)
