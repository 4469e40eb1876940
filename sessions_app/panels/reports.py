"""The feed of what agents reported, whether or not anything was derived from it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sessions_app.insights import activity_rules
from sessions_app.insights.activity_rules import BadActivity
from sessions_app.insights.durations import counted
from sessions_app.models import AgentActivity, Membership
from sessions_app.panels.paging import newest_page

REPORTS_A_PAGE = 50


@dataclass(frozen=True)
class Report:
    id: UUID
    agent_type: str
    action: str
    details_text: str
    occurred_at: dt.datetime | None
    received_at: dt.datetime
    became: str


def context(membership: Membership, older: str) -> dict[str, Any]:
    """`reports`, newest first, and `older`: the next page's cursor or "". Raises ValueError."""
    found = AgentActivity.objects.filter(project_id=membership.project_id)
    rows, next_older = newest_page(found, "received_at", older, REPORTS_A_PAGE)
    return {
        "membership": membership,
        "project": membership.project,
        "reports": [_shown(row) for row in rows],
        "older": next_older,
    }


def _shown(row: AgentActivity) -> Report:
    return Report(
        id=row.id,
        agent_type=row.agent_type,
        action=row.action,
        details_text=json.dumps(row.details, indent=2, ensure_ascii=False) if row.details else "",
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        became=_became(row),
    )


def _became(row: AgentActivity) -> str:
    if row.failure:
        return f"could not be digested ({row.failure})"
    try:
        derived = activity_rules.derive(row.agent_type, row.action, row.details)
    except BadActivity:
        return ""
    parts = []
    if derived.questions:
        parts.append(counted(len(derived.questions), "question", "questions"))
    if derived.blockers:
        parts.append(counted(len(derived.blockers), "blocker", "blockers"))
    return ", ".join(parts)
