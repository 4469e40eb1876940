"""A project's page, and the project's own verbs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.context_processors import csrf
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from sessions_app.insights import standstill
from sessions_app.models.projects import Role
from sessions_app.panels.frame import show_page
from sessions_app.services import projects
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, opens, writes
from sessions_app.views.changed import look

# What stands in the form for each choice; nothing: never.
_IDLE_CHOICES = {"": None, **{str(days): days for days in standstill.PARK_DAYS}}


@require_GET
@opens
def project_page(request: ProjectRequest) -> HttpResponse:
    """The page that tells where one left off. Loading it resumes or starts one's session."""
    toasts = render_to_string("components/_toasts.html", {"messages": messages.get_messages(request)})
    return HttpResponse(show_page(look(request), token=csrf(request)["csrf_token"], toasts=toasts))


@require_POST
@writes(Role.OWNER)
def project_rename(request: ProjectRequest) -> HttpResponse:
    projects.rename_project(request.membership.project_id, request.actor, title=request.POST.get("title", ""))
    return _settings(request, "Renamed.")


@require_POST
@writes(Role.OWNER)
def project_idle(request: ProjectRequest) -> HttpResponse:
    """Whether, and after how many days, items that stand still park themselves."""
    typed = request.POST.get("idle_park_days", "")
    if typed not in _IDLE_CHOICES:
        raise Invalid("idle_park_days", "must be one of the days offered.")
    projects.set_idle_parking(request.membership.project_id, request.actor, days=_IDLE_CHOICES[typed])
    return _settings(request, "Saved.")


@require_POST
@writes(Role.OWNER)
def project_archive(request: ProjectRequest) -> HttpResponse:
    projects.archive_project(request.membership.project_id, request.actor)
    return _settings(request, "Archived. It can be read, and restored here.")


@require_POST
@writes(Role.OWNER, also_archived=True)
def project_restore(request: ProjectRequest) -> HttpResponse:
    projects.restore_project(request.membership.project_id, request.actor)
    return _settings(request, "Restored.")


@require_POST
@writes(Role.OWNER, also_archived=True)
def project_delete(request: ProjectRequest) -> HttpResponse:
    projects.delete_project(
        request.membership.project_id, confirm_title=request.POST.get("confirm_title", "")
    )
    messages.success(request, f"“{request.membership.project.title}” was deleted.")
    return redirect("projects")


def _settings(request: ProjectRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("project_settings", request.membership.project_id)
