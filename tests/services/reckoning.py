"""What the roll-ups of a project have to be, reckoned from its records in plain and slow Python."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from typing import Any
from uuid import UUID

from sessions_app.db.rls import acting_as_system
from sessions_app.models import (
    Activity,
    DecisionLife,
    Question,
    Session,
    SessionRollup,
    TrackedActivity,
    WorkRollup,
)

Rows = dict[Any, Any]
FIVE_MINUTES = dt.timedelta(minutes=5)


def kept(project_id: UUID) -> tuple[Rows, Rows, Rows]:
    """The rows that are kept: of sessions, of work, of decisions; lists sorted, by what names a row."""
    with acting_as_system([project_id]):
        of_project = {"project_id": project_id}
        return (
            {
                (row.user_id, row.bucket): (
                    *(sorted(getattr(row, f"{name}_seconds")) for name in ("span", "active", "gap", "lag")),
                    sorted(row.items_decided),
                    row.sessions,
                )
                for row in SessionRollup.objects.filter(**of_project)
            },
            {
                (row.bucket, row.kind, row.actor_kind): (row.times, sorted(row.wait_seconds))
                for row in WorkRollup.objects.filter(**of_project)
            },
            {
                (row.item_id, row.began_version): (row.began_at, row.actor_kind, row.ended_at, row.end)
                for row in DecisionLife.objects.filter(**of_project)
            },
        )


def reckoned(project_id: UUID) -> tuple[Rows, Rows, Rows]:
    """The rows that the records give, in the same shape; every session that is over counts."""
    with acting_as_system([project_id]):
        return sessions(project_id), work(project_id), lives(project_id)


def quarter(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def sessions(project_id: UUID) -> Rows:
    found: dict[Any, list[list[Any]]] = defaultdict(list)
    ledger = list(Activity.objects.filter(project_id=project_id, actor_kind="user").order_by("id"))
    sent = list(TrackedActivity.objects.filter(project_id=project_id))
    visits = list(Session.objects.filter(project_id=project_id).order_by("session_start", "created_at"))
    for visit in visits:
        if visit.session_end is None:
            continue
        start, end = visit.session_start, visit.session_end
        mine = [
            row
            for row in ledger
            if row.actor_id == visit.user_id and visit.start_version < row.version <= visit.end_version
        ]
        input_at = [
            row.received_at
            for row in sent
            if row.user_id == visit.user_id and start <= row.received_at <= end
        ]
        moments = sorted([start, *(row.created_at for row in mine), *input_at, end])
        active = sum((min(FIVE_MINUTES, after - at) for at, after in pairwise(moments)), dt.timedelta())
        before = [
            other.session_end
            for other in visits
            if other.user_id == visit.user_id
            and other.session_end is not None
            and (other.session_start, other.id) < (start, visit.id)
            and other.session_end <= start
        ]
        facts = (
            [whole(end - start)],
            [whole(active)],
            [whole(start - max(before))] if before else [],
            [whole(mine[0].created_at - start)] if mine else [],
            [len({row.item_id for row in mine if row.kind == "item.decided"})],
        )
        row = found[visit.user_id, quarter(start)] or [[], [], [], [], []]
        found[visit.user_id, quarter(start)] = [
            sorted(one + more) for one, more in zip(row, facts, strict=True)
        ]
    return {key: (*facts, len(facts[0])) for key, facts in found.items()}


def work(project_id: UUID) -> Rows:
    found: Rows = {}
    for row in Activity.objects.filter(project_id=project_id):
        key = quarter(row.created_at), row.kind, row.actor_kind
        times, waits = found.get(key, (0, []))
        if row.kind == "question.answered":
            asked_at = Question.objects.get(id=row.question_id).created_at
            waits = sorted([*waits, whole(row.created_at - asked_at)])
        found[key] = times + 1, waits
    return found


def lives(project_id: UUID) -> Rows:
    found: Rows = {}
    standing: dict[UUID, tuple[UUID, int]] = {}
    for row in Activity.objects.filter(project_id=project_id, item_id__isnull=False).order_by("id"):
        match row.kind:
            case "item.decided" if row.item_id not in standing:
                standing[row.item_id] = row.item_id, row.version
                found[row.item_id, row.version] = row.created_at, row.actor_kind, None, ""
            case "item.explored" | "item.parked" | "item.deleted" if row.item_id in standing:
                end = "reopened" if row.kind == "item.explored" else "left"
                if row.data.get("superseded_by"):
                    end = "superseded"
                life = standing.pop(row.item_id)
                found[life] = (*found[life][:2], row.created_at, end)
    return found


def whole(span: dt.timedelta) -> int:
    return span // dt.timedelta(seconds=1)
