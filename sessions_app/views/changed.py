"""The answer to a verb: fresh panels for HTMX, the page again for everybody else."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from sessions_app.panels import page_context
from sessions_app.panels.viewing import Viewing, viewing
from sessions_app.services import analytics
from sessions_app.views.access import ProjectRequest
from sessions_app.views.errors import came_from_path


def changed(request: ProjectRequest, said: str, anchor: str = "") -> HttpResponse:
    """Answer a verb that was done: `said` tells it in words, `anchor` is the place to look at."""
    if request.headers.get("HX-Request") == "true":
        context = page_context(look(request)) | {"oob": True, "said": said}
        return render(request, "panels/_refresh.html", context)
    messages.success(request, said)
    page = reverse("project", args=[request.membership.project_id])
    came_from = came_from_path(request)
    if came_from.startswith(page) and came_from != page:
        # From an item's own page or a list: back there, not to a card that may be on no first page.
        return redirect(came_from)
    return redirect(f"{page}#{anchor}" if anchor else page)


def look(request: ProjectRequest) -> Viewing:
    """What this member sees of the project now, steps and blockers computed if they are old."""
    seen = analytics.see(request.membership.user_id, request.membership.project_id)
    return viewing(
        request.user, request.membership, seen.summary, epoch=seen.epoch, here=seen.here, members=seen.members
    )
