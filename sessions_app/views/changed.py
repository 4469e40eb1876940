"""The answer to a verb: fresh panels for HTMX, the page again for everybody else."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.context_processors import csrf
from django.urls import reverse

from sessions_app.panels.shared import show
from sessions_app.panels.viewing import Viewing, members_of, viewing
from sessions_app.services import analytics
from sessions_app.views.access import ProjectRequest
from sessions_app.views.errors import came_from_path


def changed(request: ProjectRequest, said: str, anchor: str = "", *, leads_to: str = "") -> HttpResponse:
    """Answer a verb that was done: `said` tells it in words, `anchor` is the place to look at.

    From a page that is for this verb alone it `leads_to` an address.
    """
    if request.headers.get("HX-Request") == "true":
        return all_panels(request, look(request), said=said, is_committed=False)
    messages.success(request, said)
    if leads_to:
        return redirect(leads_to)
    page = reverse("project", args=[request.membership.project_id])
    came_from = came_from_path(request)
    if came_from.startswith(page) and came_from != page:
        # From an item's own page or a list: back there, not to a card that may be on no first page.
        return redirect(came_from)
    return redirect(f"{page}#{anchor}" if anchor else page)


def all_panels(
    request: ProjectRequest, view: Viewing, *, said: str = "", announcement: str = "", is_committed: bool
) -> HttpResponse:
    """Every panel anew for a page that has them, what to show and what to say of it (see `shared.draw`)."""
    panels = show(view, token=csrf(request)["csrf_token"], is_swapped=True, is_committed=is_committed)
    context = {"version": view.version, "panels": panels, "said": said, "announcement": announcement}
    return render(request, "panels/_refresh.html", context)


def look(request: ProjectRequest) -> Viewing:
    """What this member sees of the project now, steps and blockers computed if they are old."""
    seen = analytics.see(request.membership.user_id, request.membership.project_id)
    members = members_of(seen.members)
    return viewing(
        request.user, request.membership, seen.summary, epoch=seen.epoch, here=seen.here, members=members
    )
