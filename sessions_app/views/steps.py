"""One's own marks on suggested steps: viewers have them too."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from sessions_app.models.projects import Role
from sessions_app.services import steps
from sessions_app.views.access import ProjectRequest, writes
from sessions_app.views.changed import changed


@require_POST
@writes(Role.VIEWER, also_archived=True)
def step_done(request: ProjectRequest) -> HttpResponse:
    steps.mark_done(request.user.id, request.membership.project_id, request.POST.get("step_id", ""))
    return changed(request, "Marked as done.", "steps")


@require_POST
@writes(Role.VIEWER, also_archived=True)
def step_snooze(request: ProjectRequest) -> HttpResponse:
    steps.snooze(
        request.user.id,
        request.membership.project_id,
        request.POST.get("step_id", ""),
        request.POST.get("until", ""),
    )
    return changed(request, "Snoozed.", "steps")


@require_POST
@writes(Role.VIEWER, also_archived=True)
def step_undo(request: ProjectRequest) -> HttpResponse:
    steps.undo(request.user.id, request.membership.project_id, request.POST.get("step_id", ""))
    return changed(request, "It is back.", "steps")
