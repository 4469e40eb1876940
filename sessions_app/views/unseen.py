"""Decided without you: the whole list, and one's own acceptance, which viewers have too."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from sessions_app.models.projects import Role
from sessions_app.panels import common
from sessions_app.panels import unseen as unseen_panel
from sessions_app.services import looks
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import changed, look
from sessions_app.views.forms import posted_version


@require_GET
@reads
def unseen_list(request: ProjectRequest) -> HttpResponse:
    """Every decision of others that waits for a look, newest first, where the panel shows the first ones."""
    view = look(request)
    try:
        found = unseen_panel.page_context(view, request.GET.get("older", ""))
    except ValueError as bad:
        raise Invalid("older", "must be what the page before said is next.") from bad
    return render(request, "unseen/page.html", common(view) | found)


@require_POST
@writes(Role.VIEWER, also_archived=True)
def item_accept(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    item = looks.accept_decision(
        request.user.id, request.membership.project_id, item_id, posted_version(request, "decided_version")
    )
    return changed(request, f"Accepted “{item.title}”.", "unseen")


@require_POST
@writes(Role.VIEWER, also_archived=True)
def item_accept_undo(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    looks.take_back(request.user.id, request.membership.project_id, item_id)
    return changed(request, "It is back among what was decided without you.", "unseen")
