"""The projects list: each with what waits for this person."""

from __future__ import annotations

from typing import Any

from sessions_app.db import queries
from sessions_app.models import User


def context(me: User) -> dict[str, Any]:
    """`projects` and `archived`: rows of sql/queries/project_list.sql, what waits first."""
    rows = queries.rows("project_list", {"user": me.id})
    return {
        "me": me,
        "projects": [row for row in rows if row["archived_at"] is None],
        "archived": [row for row in rows if row["archived_at"] is not None],
    }
