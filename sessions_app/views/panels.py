"""One panel alone: the same partial as on the page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.context_processors import csrf
from django.views.decorators.http import require_GET

from sessions_app.live.place import Place, parse_place
from sessions_app.live.rendering import in_words, news_after
from sessions_app.panels import PANELS, changes, reports
from sessions_app.panels.shared import show
from sessions_app.panels.viewing import Viewing
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, peeks
from sessions_app.views.changed import all_panels, look
from sessions_app.views.lagging import reads_that_may_lag


@require_GET
@peeks
def panel(request: ProjectRequest, name: str) -> HttpResponse:
    """The named panel's partial as it stands now. Reading it is no activity.

    The panel of changes takes `?since=<epoch>:<version>`: then it tells what happened after it, oldest
    first, or that the page must reload.
    """
    if name not in PANELS:
        raise Http404
    view = look(request)
    if name == changes.NAME and "since" in request.GET:
        place = _comparable(request, view)
        if place is None or not changes.can_catch_up(view, place.version.project):
            return reload_page()
        return render(request, "changes/_catch_up.html", changes.catch_up(view, place.version.project))
    return HttpResponse(show(view, [name], token=csrf(request)["csrf_token"])[name])


@require_GET
@peeks
def refresh(request: ProjectRequest) -> HttpResponse:
    """What a page that has no socket asks now and then: 204 when it shows the newest already.

    `?since=<epoch>:<version>` is what it shows; otherwise all panels come, or, from another database or
    ahead of this one, the word to reload.
    """
    view = look(request)
    place = _comparable(request, view)
    if place is None:
        return reload_page()
    if str(place.version) == view.version:
        return HttpResponse(status=204)
    facts = news_after(view.project_id, place.version.project, view.summary.version).facts
    return all_panels(request, view, announcement=in_words(facts, view.me.id), is_committed=True)


def reload_page() -> HttpResponse:
    """Tell HTMX to load the page anew: what it shows cannot be brought up to date."""
    return HttpResponse(headers={"HX-Refresh": "true"})


def _comparable(request: ProjectRequest, view: Viewing) -> Place | None:
    """What the page says it shows, if it is of this database and the database has come as far."""
    try:
        place = parse_place(request.GET.get("since", ""))
    except ValueError:
        return None
    is_ahead = place.version.project > view.summary.version
    return None if is_ahead or place.epoch != view.epoch else place


@require_GET
@reads_that_may_lag
def agent_reports(request: ProjectRequest) -> HttpResponse:
    """The feed of agents' reports, newest first."""
    try:
        context = reports.context(request.membership, request.GET.get("older", ""))
    except ValueError as bad:
        raise Invalid("older", "must be what the page before said is next.") from bad
    return render(request, "agents/page.html", context | {"me": request.user})
