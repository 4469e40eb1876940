"""What changed: the page behind the panel, filtered by when, what and whose; and one's own anchor in it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from sessions_app.models.projects import Role
from sessions_app.panels import changes_page, common
from sessions_app.panels.ledger_filter import BadFilter, parse_before, parse_filter
from sessions_app.services import anchors
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import changed, look
from sessions_app.views.forms import posted_version


@require_GET
@reads
def change_list(request: ProjectRequest) -> HttpResponse:
    """One part of the ledger, newest first."""
    try:
        which, before = parse_filter(request.GET.dict()), parse_before(request.GET.get("before", ""))
    except BadFilter as bad:
        raise Invalid(bad.field, bad.rule) from bad
    view = look(request)
    return render(request, "changes/page.html", common(view) | changes_page.context(view, which, before))


@require_POST
@writes(Role.VIEWER, also_archived=True)
def catch_up(request: ProjectRequest) -> HttpResponse:
    """The person has read what the page showed: from there on it is told what is new."""
    anchors.catch_up(request.user.id, request.membership.project_id, posted_version(request, "version"))
    return changed(request, "You’re caught up.", "changes")


@require_POST
@writes(Role.VIEWER, also_archived=True)
def catch_up_undo(request: ProjectRequest) -> HttpResponse:
    anchors.take_back(request.user.id, request.membership.project_id)
    return changed(request, "It is all there again.", "changes")
