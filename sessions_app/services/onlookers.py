"""What many members of one project are shown, read for all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.models import Membership, Project
from sessions_app.services import analytics
from sessions_app.services.presence import PRESENT_SECONDS


@dataclass(frozen=True)
class Onlookers:
    """Whoever of those asked for is a member and may sign in, and what they see."""

    memberships: list[Membership]
    # By person, as `analytics.get_summary` tells it.
    summaries: dict[UUID, dict[str, Any]]
    # As `analytics.Seen` has them.
    epoch: str
    here: dict[str, Any]
    members: list[list[str]]


def see(user_ids: Iterable[UUID], project_id: UUID) -> Onlookers:
    """Read what these people see of the project. The system acts; whoever asks has looked up their rights.

    Steps and blockers that are old are computed, and not stored: the digester does that for who is here.
    """
    asked, now = list(user_ids), clock.now()
    memberships = _memberships(asked, project_id)
    rows = queries.rows("onlookers", {"project": project_id, "users": asked, "now": now})
    common = cache(lambda: _steps(None, project_id))
    for row in rows:
        if not analytics.is_computed(row["summary"]):
            row["summary"] |= _steps(row["user_id"], project_id) if row["has_own_steps"] else common()
    summaries = {row["user_id"]: row["summary"] for row in rows}
    # The same for all; a summary is nobody's here.
    [around] = queries.rows(
        "seen", {"user": None, "project": project_id, "now": now, "within": PRESENT_SECONDS}
    )
    return Onlookers(
        memberships=[each for each in memberships if each.user_id in summaries],
        summaries=summaries,
        **{name: around[name] for name in ("epoch", "here", "members")},
    )


def _memberships(user_ids: list[UUID], project_id: UUID) -> list[Membership]:
    """Those of these people who may sign in; all have the very same project."""
    project = Project.objects.select_related("counter").filter(id=project_id).first()
    if project is None:
        return []
    found = Membership.objects.filter(project_id=project_id, user_id__in=user_ids, user__is_active=True)
    memberships = list(found.select_related("user"))
    for each in memberships:
        # It and its counter hold each other: one for each would stay until a collection.
        each.project = project
    return memberships


def _steps(user_id: UUID | None, project_id: UUID) -> dict[str, Any]:
    """Steps and blockers in the summary's names; of nobody in particular without `user_id`."""
    suggested, hidden, blockers = analytics.steps_and_blockers(user_id, project_id)
    return {"suggestedNextSteps": suggested, "hiddenSteps": hidden, "activeBlockers": blockers}
