"""Digest what agents reported into one project."""

from __future__ import annotations

from uuid import UUID

from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.digest.fold import digest


@retrying
def digest_reports(project_id: UUID) -> int:
    """Fold the project's waiting reports; returns how many."""
    with acting_as_system([project_id]):
        return digest(project_id)
