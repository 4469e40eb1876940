"""One's session: end it by hand; the history of sessions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_GET, require_POST

from sessions_app.models.projects import Role
from sessions_app.panels import history
from sessions_app.services import sessions
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, reads, writes


@require_POST
@writes(Role.VIEWER, also_archived=True, is_activity=False)
def session_end(request: ProjectRequest) -> HttpResponse:
    """ "I am done for now": ends the session and goes to the projects list."""
    sessions.end_session(request.user.id, request.membership.project_id)
    messages.success(request, "See you. We will tell you where you left off.")
    if request.headers.get("HX-Request") == "true":
        # HTMX would swap the list into a panel: it is to go there instead.
        return HttpResponse(headers={"HX-Redirect": resolve_url("projects")})
    return redirect("projects")


@require_GET
@reads
def session_history(request: ProjectRequest) -> HttpResponse:
    """The project's sessions for owners, one's own for others; newest first."""
    try:
        context = history.context(request.membership, request.GET.get("older", ""))
    except ValueError as bad:
        raise Invalid("older", "must be what the page before said is next.") from bad
    return render(request, "sessions/page.html", context | {"me": request.user})
