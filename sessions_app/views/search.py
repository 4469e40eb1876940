"""Search in a project: the page, and what is found as one types, there and in the palette."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sessions_app.insights.searching import WORDS_MAX_CHARACTERS
from sessions_app.panels import search
from sessions_app.services.errors import Invalid
from sessions_app.services.texts import clean_line
from sessions_app.views.access import ProjectRequest, peeks
from sessions_app.views.lagging import reads_that_may_lag

_LAST_PAGE = search.MOST_FOUND // search.FOUND_A_PAGE
# As many as fit into the palette beside its other offers.
_OFFERED = 6


@require_GET
@reads_that_may_lag
def project_search(request: ProjectRequest) -> HttpResponse:
    """`q` in the project's items, decisions, messages and questions; `type` is one of these."""
    kind = request.GET.get("type", "")
    if kind not in ("", *search.TYPES):
        raise Invalid("type", f"must be one of {', '.join(search.TYPES)}.")
    context = search.context(
        request.membership.project_id,
        _words(request),
        kind=kind,
        page=_page(request.GET.get("page", "1")),
        hides_agents=request.user.hides_agents,
    )
    htmx = request.headers.get("HX-Request") == "true"
    context |= {"me": request.user, "membership": request.membership, "project": request.membership.project}
    return render(request, "search/_answer.html" if htmx else "search/page.html", context)


@require_GET
@peeks
def palette_items(request: ProjectRequest) -> HttpResponse:
    """The items that fit what is typed into the palette, as options of its list."""
    found = search.found(
        request.membership.project_id, _words(request), types=("item", "decision"), most=_OFFERED
    )
    return render(request, "palette/_items.html", {"found": found})


def _words(request: ProjectRequest) -> str:
    return clean_line(request.GET.get("q", ""), "q", most=WORDS_MAX_CHARACTERS, required=False)


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= _LAST_PAGE):
        raise Invalid("page", f"must be from 1 to {_LAST_PAGE}.")
    return int(text)
