"""How analytics rows are kept once they are computed: one, or those of many people in one statement.

A door that answers many at once acts as the system for the projects they are of, and runs the statement by
`statement` and `parameters`, for its connection is not Django's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from sessions_app import clock
from sessions_app.db import queries


@dataclass(frozen=True)
class Computed:
    """A person's row in a project: its values by the names of their columns."""

    user_id: UUID
    project_id: UUID
    values: Mapping[str, Any]

    @property
    def in_summary(self) -> dict[str, Any]:
        """What of a summary is new by it, in the summary's names."""
        return {
            "suggestedNextSteps": self.values["suggested_next_steps"],
            "hiddenSteps": self.values["hidden_steps"],
            "activeBlockers": self.values["active_blockers"],
            "computedVersion": self.values["computed_version"],
            "computedMemberVersion": self.values["computed_member_version"],
        }


def keep(row: Computed) -> None:
    """Keep a row, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(statement(), parameters([row]))


def statement() -> str:
    """The statement that keeps them."""
    return queries.text("keep_analytics")


def parameters(rows: Sequence[Computed]) -> dict[str, Any]:
    """What the statement takes."""
    told = [{"user_id": row.user_id, "project_id": row.project_id, **row.values} for row in rows]
    # As text: ids and moments.
    return {"rows": json.dumps(told, default=str), "now": clock.now()}
