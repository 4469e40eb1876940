"""The analytics row: steps and blockers computed for one person, kept until something changes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.dateparse import parse_datetime

from sessions_app import clock, ledger
from sessions_app.db import queries
from sessions_app.insights import next_steps
from sessions_app.insights.facts import (
    BlockerFact,
    ContestedFact,
    ItemFact,
    Mark,
    ProjectFacts,
    QuestionFact,
    WaitsForYouFact,
    WokenFact,
)
from sessions_app.insights.step_row import StepRow
from sessions_app.models import SessionAnalytics
from sessions_app.services import kept_analytics
from sessions_app.services.errors import NotFound
from sessions_app.services.kept_analytics import Computed
from sessions_app.services.presence import PRESENT_SECONDS

# The computed version of a row that is to be computed anew whatever version its project is at.
STALE = -1


@dataclass(frozen=True)
class Seen:
    """What a page is made from, all of it from one statement."""

    summary: dict[str, Any]
    # Which database this is; versions of another are not to be compared with these.
    epoch: str
    # Who is here, as `who_is_here` tells it.
    here: dict[str, Any]
    # The members: id, name and e-mail of each.
    members: list[list[str]]


def get_summary(user_id: UUID, project_id: UUID) -> dict[str, Any]:
    """The summary as `get_session_summary` tells it, its steps and blockers computed if they are old.

    Raises NotFound when whoever acts may not see it.
    """
    return see(user_id, project_id).summary


def see(user_id: UUID, project_id: UUID) -> Seen:
    """The same, with what a page needs beside it. Raises NotFound."""
    seen = _read(user_id, project_id)
    summary = seen.summary
    if not is_computed(summary):
        summary |= recompute(user_id, project_id, summary)
    return seen


def is_computed(summary: dict[str, Any]) -> bool:
    """Whether the steps and blockers of a summary are of the versions it is of."""
    computed = (summary["computedVersion"], summary["computedMemberVersion"])
    return computed == (summary["version"], summary["memberVersion"])


def get_row(user_id: UUID, project_id: UUID) -> SessionAnalytics:
    """The analytics row of a summary that was just read, which has made it."""
    return SessionAnalytics.objects.get(user_id=user_id, project_id=project_id)


def common_steps(project_id: UUID) -> list[dict[str, Any]]:
    """The suggested steps as they are for nobody in particular: no marks, nothing snoozed."""
    return [row.as_json() for row in suggested_steps(project_id, step_facts(None, project_id))]


def suggested_steps(project_id: UUID, found: dict[str, Any]) -> tuple[StepRow, ...]:
    """The suggested steps, ranked, out of `step_facts`."""
    return next_steps.suggest(as_facts(project_id, found), as_marks(found["marks"]), clock.now())


def compute(user_id: UUID, project_id: UUID) -> dict[str, Any]:
    """What the analytics row would hold if it were computed now, by its columns. Stores nothing.

    Raises NotFound when whoever acts may not see it, or the person is no member.
    """
    summary = _read(user_id, project_id).summary
    return dict(computed(user_id, project_id, summary, step_facts(user_id, project_id)).values)


def recompute_now(user_id: UUID, project_id: UUID) -> None:
    """Compute the row and store it, however new it claims to be; open pages look again. Raises NotFound."""
    recompute(user_id, project_id, _read(user_id, project_id).summary)
    ledger.announce_personal(project_id)


def recompute(user_id: UUID, project_id: UUID, summary: dict[str, Any]) -> dict[str, Any]:
    """Compute this person's steps and blockers and store them with the versions they are of.

    Returns the part of the summary that is new by that, in the summary's names.
    """
    row = computed(user_id, project_id, summary, step_facts(user_id, project_id))
    kept_analytics.keep(row)
    return row.in_summary


def computed(user_id: UUID, project_id: UUID, summary: dict[str, Any], found: dict[str, Any]) -> Computed:
    """The row of a person, out of a summary and of `step_facts`. Nothing is read or stored for it."""
    suggested, hidden = _as_steps(project_id, found)
    values = {
        "last_activity": _moment(found["lastActivity"]),
        "previous_activity": _moment(summary["lastSessionEnd"]),
        "items_decided_since": summary["itemsDecided"],
        "items_exploring": summary["itemsExploring"],
        "items_parked": summary["itemsParked"],
        "pending_questions": summary["pendingQuestions"],
        "suggested_next_steps": suggested,
        "hidden_steps": hidden,
        "active_blockers": found["activeBlockers"],
        # Two statements may see two versions: the older one is what all of the row is of.
        "computed_version": min(summary["version"], found["project"]["version"]),
        "computed_member_version": min(summary["memberVersion"], found["memberVersion"]),
    }
    return Computed(user_id, project_id, values)


def steps_and_blockers(user_id: UUID | None, project_id: UUID) -> tuple[list[Any], list[Any], list[Any]]:
    """Suggested steps, hidden ones and blockers as a row stores them; None: of nobody. Raises NotFound."""
    found = step_facts(user_id, project_id)
    return *_as_steps(project_id, found), found["activeBlockers"]


def _as_steps(project_id: UUID, found: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The suggested steps and the hidden ones out of `step_facts`, as they are stored."""
    now, marks = clock.now(), as_marks(found["marks"])
    facts = as_facts(project_id, found)
    hidden = [
        row.as_json() | {"mark": _mark_kind(row, marks)} for row in next_steps.hidden(facts, marks, now)
    ]
    return [row.as_json() for row in next_steps.suggest(facts, marks, now)], hidden


def step_facts(user_id: UUID | None, project_id: UUID) -> dict[str, Any]:
    """What the steps are made from, as `get_step_facts` reads it. Raises NotFound.

    `user_id` is whose marks count; None: nobody's.
    """
    with connection.cursor() as cursor:
        cursor.execute("select get_step_facts(%s, %s, %s)", [user_id, project_id, next_steps.MAX_STEPS])
        found = _json(cursor.fetchone()[0])
    if found["project"] is None:
        raise NotFound("This project is not there.")
    return found


def as_facts(project_id: UUID, found: dict[str, Any]) -> ProjectFacts:
    """The plain values the ranking takes, out of `step_facts`."""
    return ProjectFacts(
        project_id=project_id,
        total_items=found["project"]["total"],
        exploring=found["project"]["exploring"],
        version=found["project"]["version"],
        questions=tuple(
            QuestionFact(
                id=UUID(q["id"]),
                text=q["text"],
                agent_type=q["agent_type"],
                asked_at=moment_of(q["created_at"]),
                blocked_count=q["blocked_count"],
                frees=q["frees"],
                blocks=q["blocks"],
                version=q["version"],
            )
            for q in found["questions"]
        ),
        waits_for_you=tuple(
            WaitsForYouFact(
                id=UUID(b["id"]),
                text=b["text"],
                raised_by=b["raised_by"],
                since=moment_of(b["created_at"]),
                blocked_count=b["blocked_count"],
                version=b["version"],
            )
            for b in found["waitsForYou"]
        ),
        items_waited_for=tuple(_item_fact(i) for i in found["waitedFor"]),
        blockers=tuple(
            BlockerFact(
                id=UUID(b["id"]),
                text=b["text"],
                type=b["type"],
                since=moment_of(b["created_at"]),
                blocked_count=b["blocked_count"],
                has_open_question=b["has_open_question"],
                version=b["version"],
            )
            for b in found["blockers"]
        ),
        longest_idle=tuple(_item_fact(i) for i in found["idle"]),
        woken=tuple(
            WokenFact(
                id=UUID(i["id"]),
                title=i["title"],
                parked_reason=i["reason"],
                parked_at=moment_of(i["state_changed_at"]),
                woke_at=moment_of(i["woke_at"]),
                version=i["version"],
            )
            for i in found["woken"]
        ),
        contested=tuple(
            ContestedFact(
                id=UUID(i["id"]),
                title=i["title"],
                contested_at=moment_of(i["contested_at"]),
                contested_by=i["contested_by"],
                version=i["version"],
            )
            for i in found["contested"]
        ),
    )


def as_marks(rows: list[dict[str, Any]]) -> tuple[Mark, ...]:
    """One person's marks, out of `step_facts`."""
    return tuple(
        Mark(row["step_id"], row["kind"], row["subject_version"], _moment(row["until"])) for row in rows
    )


def _read(user_id: UUID, project_id: UUID) -> Seen:
    [seen] = queries.rows(
        "seen", {"user": user_id, "project": project_id, "now": clock.now(), "within": PRESENT_SECONDS}
    )
    if seen["summary"] is None:
        raise NotFound("This project is not there.")
    return Seen(**seen)


def _json(value: Any) -> dict[str, Any]:  # noqa: ANN401 -- Django hands jsonb over as text
    return dict(json.loads(value)) if isinstance(value, str) else dict(value)


def _item_fact(row: dict[str, Any]) -> ItemFact:
    return ItemFact(
        id=UUID(row["id"]),
        title=row["title"],
        changed_at=moment_of(row["changed_at"]),
        waiting_count=row["waiting_count"],
        version=row["version"],
    )


def _mark_kind(row: StepRow, marks: tuple[Mark, ...]) -> str:
    return next((mark.kind for mark in marks if mark.step_id == row.id), "done")


def _moment(text: str | None) -> dt.datetime | None:
    return moment_of(text) if text else None


def moment_of(text: str) -> dt.datetime:
    """A moment as PostgreSQL writes it into JSON."""
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError(f"not a moment: {text}")
    return moment
