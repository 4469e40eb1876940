"""Sessions, analytics and the summary as the wire format has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from sessions_app import clock
from sessions_app.api.showing import Data, Row, Shown
from sessions_app.api.shown import BlockerShown, ItemNamed, waits_for_stored
from sessions_app.insights.step_row import Priority, StepRow
from sessions_app.insights.wording import word_step
from sessions_app.models import Session, SessionAnalytics
from sessions_app.panels.steps import known_rows, step_url


class Snapshot(Row):
    """What the project was at the session's start."""

    version: int
    taken_at: dt.datetime
    decided: int
    exploring: int
    parked: int
    pending_questions: int


class SessionRow(Row):
    """A row of `user_sessions`."""

    id: UUID
    user_id: UUID
    project_id: UUID
    session_start: dt.datetime
    session_end: dt.datetime | None
    is_active: bool
    snapshot_at_start: Snapshot
    metadata: dict[str, Any]
    created_at: dt.datetime
    updated_at: dt.datetime


class History(BaseModel):
    """A page of sessions; `next` is the `before` of the following one, or null at the end."""

    success: Literal[True] = True
    sessions: list[SessionRow]
    next: str | None


class StepShown(Shown):
    """A suggested next step; `blocked_count` is how many items it holds up."""

    id: str
    text: str
    priority: Priority
    reason: str
    blocks_others: bool
    blocked_count: int
    url: str


class Split(Shown):
    last_session: int
    away: int
    this_session: int


class SummaryShown(Shown):
    """`last_session` is a text like "2 hours ago"; `version` is `project.member`."""

    last_session: str
    items_decided: int
    items_decided_split: Split
    items_exploring: int
    items_parked: int
    total_decided: int
    current_decided: int
    current_exploring: int
    current_parked: int
    total_items: int
    pending_questions: int
    suggested_next_steps: list[StepShown]
    active_blockers: list[BlockerShown]
    version: str


class AnalyticsRow(Row):
    """A row of `session_analytics`."""

    id: UUID
    user_id: UUID
    project_id: UUID
    last_activity: dt.datetime | None
    previous_activity: dt.datetime | None
    items_decided_since: int
    items_exploring: int
    items_parked: int
    pending_questions: int
    suggested_next_steps: list[StepShown]
    active_blockers: list[BlockerShown]
    created_at: dt.datetime
    updated_at: dt.datetime


def session_row(session: Session) -> SessionRow:
    return SessionRow.model_validate(session, from_attributes=True)


def summary_told(project_id: UUID, summary: Mapping[str, Any]) -> Data[SummaryShown]:
    """The summary, as it is answered."""
    return Data(data=summary_shown(project_id, summary))


def steps_told(project_id: UUID, stored: Iterable[Mapping[str, Any]]) -> Data[list[StepShown]]:
    """Suggested steps, as they are answered; in the words of now."""
    return Data(data=steps_of(project_id, stored, clock.now()))


def summary_shown(project_id: UUID, summary: Mapping[str, Any]) -> SummaryShown:
    """The summary of `services.analytics.get_summary`, its steps in words."""
    return SummaryShown.model_validate(
        {
            **{name: summary[name] for name in _COPIED},
            "itemsDecidedSplit": Split.model_validate(summary["itemsDecidedSplit"]),
            "suggestedNextSteps": steps_of(project_id, summary["suggestedNextSteps"], clock.now()),
            "activeBlockers": blockers_of(summary["activeBlockers"]),
            "version": f"{summary['version']}.{summary['memberVersion']}",
        }
    )


def analytics_row(row: SessionAnalytics, summary: Mapping[str, Any]) -> AnalyticsRow:
    """The row as it is stored; the counts, which a panel reads live, as the summary has them."""
    return AnalyticsRow(
        id=row.id,
        user_id=row.user_id,
        project_id=row.project_id,
        last_activity=row.last_activity,
        previous_activity=row.previous_activity,
        items_decided_since=summary["itemsDecided"],
        items_exploring=summary["itemsExploring"],
        items_parked=summary["itemsParked"],
        pending_questions=summary["pendingQuestions"],
        suggested_next_steps=steps_of(row.project_id, row.suggested_next_steps, clock.now()),
        active_blockers=blockers_of(row.active_blockers),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def steps_of(project_id: UUID, stored: Iterable[Mapping[str, Any]], now: dt.datetime) -> list[StepShown]:
    """Stored step rows in words."""
    return [_step(project_id, row, now) for row, _mark in known_rows(stored)]


def blockers_of(stored: Iterable[Mapping[str, Any]]) -> list[BlockerShown]:
    """The summary's blockers, as `get_step_facts` reads them."""
    return [
        BlockerShown(
            id=row["id"],
            text=row["text"],
            type=row["type"],
            blocked_items=[ItemNamed(id=item["id"], title=item["title"]) for item in row["items"]],
            blocked_count=row["blocked_count"],
            since=row["since"],
            source=row["source"],
            raised_by=row["raised_by"]["name"] if row["raised_by"] else None,
            waits_for=waits_for_stored(row),
        )
        for row in stored
    ]


def _step(project_id: UUID, row: StepRow, now: dt.datetime) -> StepShown:
    step = word_step(row, now)
    return StepShown(
        id=step.id,
        text=step.text,
        priority=step.priority,
        reason=step.reason,
        blocks_others=step.blocks_others,
        blocked_count=step.blocked_count,
        url=step_url(project_id, row),
    )


_COPIED = (
    "lastSession",
    "itemsDecided",
    "itemsExploring",
    "itemsParked",
    "totalDecided",
    "currentDecided",
    "currentExploring",
    "currentParked",
    "totalItems",
    "pendingQuestions",
)
