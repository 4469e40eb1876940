"""Blockers: all that are open, clear, dismiss."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from sessions_app.panels import blockers as blockers_panel
from sessions_app.panels import common
from sessions_app.services import blockers
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import changed, look


@require_GET
@reads
def blocker_list(request: ProjectRequest) -> HttpResponse:
    """Every open blocker, where the panel shows the most blocking ones."""
    view = look(request)
    context = common(view) | {"blockers": blockers_panel.all_open(view)}
    return render(request, "blockers/page.html", context)


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
