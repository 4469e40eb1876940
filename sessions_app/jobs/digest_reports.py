"""Digest what agents reported into one project."""

from __future__ import annotations

from uuid import UUID

from sessions_app.digest.fold import digest


def digest_reports(project_id: UUID) -> int:
    """Fold the project's waiting reports; returns how many."""
    return digest(project_id)
