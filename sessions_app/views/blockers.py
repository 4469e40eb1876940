"""Blockers: clear, dismiss."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from sessions_app.services import blockers
from sessions_app.views.access import ProjectRequest, writes
from sessions_app.views.changed import changed


@require_POST
@writes()
def blocker_clear(request: ProjectRequest, blocker_id: UUID) -> HttpResponse:
    blockers.clear_blocker(request.membership.project_id, request.actor, blocker_id)
    return changed(request, "Blocker cleared.", "blockers")


@require_POST
@writes()
def blocker_dismiss(request: ProjectRequest, blocker_id: UUID) -> HttpResponse:
    blockers.dismiss_blocker(request.membership.project_id, request.actor, blocker_id)
    return changed(request, "Blocker dismissed.", "blockers")
