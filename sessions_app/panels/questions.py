"""What needs you: what waits for you by name, and the questions that wait for an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sessions_app.db import queries
from sessions_app.insights.wording import reach_in_words
from sessions_app.models import Question
from sessions_app.models.questions import QuestionStatus
from sessions_app.panels.blockers import ItemNamed, waiting_for_you
from sessions_app.panels.paging import (
    id_after,
    id_before,
    newest_page,
    parse_place_in_halves,
    place,
    place_in_halves,
)
from sessions_app.panels.viewing import Viewing

NAME = "questions"
TEMPLATE = "panels/_questions.html"
# Blockers: an answer frees only what none of them holds up, and some wait for whoever looks.
FOLLOWS = ("question.", "item.", "blocker.")
MOST_SHOWN = 20
OPEN_A_PAGE, ENDED_A_PAGE = 50, 50


@dataclass(frozen=True)
class QuestionShown:
    """An open question; an answer `frees` so many items, and `helps` others that more than it holds up."""

    id: UUID
    text: str
    agent_type: str
    # For whom it is asked, by name: a person who contests a decision; "": for the agent itself.
    asked_by: str
    importance: str
    category: str
    options: tuple[str, ...]
    asked_at: dt.datetime
    expires_at: dt.datetime | None
    blocked_items: tuple[ItemNamed, ...]
    frees: int
    helps: int
    # Whether it held something up when it was asked.
    blocks: bool

    @property
    def reach(self) -> str:
        """ "frees 2 items and helps 1 more", or ""."""
        return reach_in_words(self.frees, self.helps)


@dataclass(frozen=True)
class QuestionEnded:
    """One that is over: `status` says how, `by` whose act it was ("" for nobody's), `how` by what."""

    id: UUID
    text: str
    # The person for whom it was asked, or the agent.
    asked_by: str
    status: str
    by: str
    how: str
    answer: str
    at: dt.datetime | None


def key(view: Viewing) -> Hashable:
    """What is asked is the same for all; what waits for oneself by name is for few."""
    told, me = view.told("activeBlockers"), str(view.me.id)
    return (
        *(view.summary.version, view.members, view.summary.is_first, view.summary.questions),
        *((told, me, str(view.me)) if me in told else ()),
    )


def context(view: Viewing) -> dict[str, Any]:
    """`yours`, the blockers that wait for `me`; `questions` that are open; and how many there are of both.

    `questions_total` counts the questions, `needs_you` both.
    """
    yours, total = waiting_for_you(view), view.summary.questions
    return {
        "me": view.me,
        "yours": yours,
        "questions": _open(view.project_id, None, MOST_SHOWN),
        "questions_total": total,
        "needs_you": total + len(yours),
    }


def open_page(view: Viewing, after: str) -> dict[str, Any]:
    """`questions` that are open, those that hold something up first, a page of them, and `next`, the cursor
    of the following one. Raises ValueError for a cursor that is none.
    """
    found = _open(view.project_id, parse_place_in_halves(after) if after else None, OPEN_A_PAGE + 1)
    shown = found[:OPEN_A_PAGE]
    last = shown[-1] if len(found) > OPEN_A_PAGE else None
    return {"questions": shown, "next": place_in_halves(last.blocks, last.asked_at, last.id) if last else ""}


def place_of_open(project_id: UUID, question_id: UUID) -> str:
    """The cursor of the page that begins with this question, or "" where it is not open."""
    row = Question.objects.open().filter(project_id=project_id, id=question_id).first()
    return place_in_halves(row.blocks, row.created_at, id_before(row.id)) if row else ""


def place_of_ended(project_id: UUID, question_id: UUID) -> str:
    """The cursor of the page of `ended` that begins with this question, or "" where it is not over."""
    row = Question.objects.ended().filter(project_id=project_id, id=question_id).first()
    return place(row.ended_at, id_after(row.id)) if row and row.ended_at else ""


def ended(view: Viewing, older: str) -> dict[str, Any]:
    """`ended`: those that are over, last first, and `older`: the next page's cursor. Raises ValueError."""
    found = Question.objects.ended().filter(project_id=view.project_id).select_related("ended_by", "asked_by")
    rows, next_older = newest_page(found, "ended_at", older, ENDED_A_PAGE)
    return {"ended": [_ended(row) for row in rows], "older": next_older}


def _open(project_id: UUID, after: tuple[bool, dt.datetime, UUID] | None, most: int) -> list[QuestionShown]:
    blocks, asked_at, last_id = after or (None, None, None)
    parameters = {
        "project": project_id,
        "after_blocks": blocks,
        "after_asked_at": asked_at,
        "after_id": last_id,
        "most": most,
    }
    return [_shown(row) for row in queries.rows("open_questions", parameters)]


def _shown(row: dict[str, Any]) -> QuestionShown:
    return QuestionShown(
        **row
        | {
            "options": tuple(row["options"]),
            "blocked_items": tuple(ItemNamed(UUID(i["id"]), i["title"]) for i in row["blocked_items"]),
        }
    )


def _ended(row: Question) -> QuestionEnded:
    # Only the agent that asked may end a question without a person; the other ends come by themselves.
    is_withdrawn = row.status == QuestionStatus.DISMISSED and row.ended_by is None
    return QuestionEnded(
        id=row.id,
        text=row.text,
        asked_by=str(row.asked_by or row.agent_type),
        status="withdrawn" if is_withdrawn else row.status,
        by=str(row.ended_by) if row.ended_by else row.agent_type if is_withdrawn else "",
        how="" if is_withdrawn else row.ended_how,
        answer=row.answer,
        at=row.ended_at,
    )
