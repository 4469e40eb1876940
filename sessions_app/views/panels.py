"""One panel alone: the same partial as on the page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sessions_app.panels import PANELS, common, reports
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, reads
from sessions_app.views.changed import look


@require_GET
@reads
def panel(request: ProjectRequest, name: str) -> HttpResponse:
    """The named panel's partial as it stands now. Reading it is no activity."""
    if name not in PANELS:
        raise Http404
    view = look(request)
    return render(request, PANELS[name].TEMPLATE, common(view) | PANELS[name].context(view))


@require_GET
@reads
def agent_reports(request: ProjectRequest) -> HttpResponse:
    """The feed of agents' reports, newest first."""
    try:
        context = reports.context(request.membership, request.GET.get("older", ""))
    except ValueError as bad:
        raise Invalid("older", "must be what the page before said is next.") from bad
    return render(request, "agents/page.html", context | {"me": request.user})
