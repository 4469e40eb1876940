"""One's projects: the list, the archived ones, and what the palette offers of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from sessions_app.insights.searching import WORDS_MAX_CHARACTERS
from sessions_app.models import User
from sessions_app.panels import projects as projects_panel
from sessions_app.services import projects
from sessions_app.services.errors import Invalid
from sessions_app.services.texts import clean_line
from sessions_app.views.access import signed_in
from sessions_app.views.long_lists import is_more


@require_http_methods(["GET", "POST"])
@signed_in
def project_list(request: HttpRequest) -> HttpResponse:
    """One's projects, each with what waits, with `q` those of that title; POST creates one and goes there."""
    if request.method == "GET":
        if is_more(request):
            return _listed(request, projects_panel.under_way_context, "projects/_rows.html")
        return _listed(request, projects_panel.context, "projects/list.html")
    assert isinstance(request.user, User)
    title = request.POST.get("title", "")
    try:
        project = projects.create_project(request.user, title=title)
    except Invalid as bad:
        typed = {"form_error": f"The title {bad.rule}", "form_title": title}
        return render(request, "projects/list.html", projects_panel.context(request.user) | typed, status=422)
    return redirect("project", project.id)


@require_GET
@signed_in
def archived_projects(request: HttpRequest) -> HttpResponse:
    """One's archived projects, with `q` those of that title."""
    template = "projects/_archived_rows.html" if is_more(request) else "projects/archived.html"
    return _listed(request, projects_panel.archived_context, template)


@require_GET
@signed_in
def palette(request: HttpRequest) -> HttpResponse:
    """One's projects, with `q` those of that title, as options of the palette's list."""
    assert isinstance(request.user, User)
    found = projects_panel.page(
        request.user.id, archived=False, words=_words(request), most=projects_panel.MOST_OFFERED
    )
    return render(request, "palette/_projects.html", {"projects": found.rows, "has_more": found.next != ""})


def _listed(request: HttpRequest, read: Callable[..., dict[str, Any]], template: str) -> HttpResponse:
    """What there is of these words from a cursor on. Raises Invalid for a cursor that is none."""
    words, after = _words(request), request.GET.get("after", "")
    try:
        context = read(request.user, words=words, after=after)
    except ValueError as bad:
        raise Invalid("after", "must be what the page before said is next.") from bad
    list_query = urlencode({"q": words}) if words else ""
    context |= {"list_query": list_query, "is_more": is_more(request), "after": after}
    return render(request, template, context)


def _words(request: HttpRequest) -> str:
    return clean_line(request.GET.get("q", ""), "q", most=WORDS_MAX_CHARACTERS, required=False)
