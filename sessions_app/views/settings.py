"""A project's settings, and the lists in them that may be long, each on a page of its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from sessions_app.insights import standstill
from sessions_app.insights.searching import WORDS_MAX_CHARACTERS
from sessions_app.models.projects import Role
from sessions_app.panels import agent_tokens, members, refusals
from sessions_app.panels.paging import ROWS_SHOWN
from sessions_app.services.access import check_role
from sessions_app.services.errors import Invalid
from sessions_app.services.texts import clean_line
from sessions_app.views.access import ProjectRequest, reads
from sessions_app.views.agent_settings import agent_settings
from sessions_app.views.ended import STATES
from sessions_app.views.errors import came_from_page
from sessions_app.views.long_lists import page_asked_for, show


@require_GET
@reads
def project_settings(request: ProjectRequest) -> HttpResponse:
    """Name, archive, delete, members and invitations; what one may not change is shown only."""
    return settings_page(request)


def settings_page(request: ProjectRequest, **shown_once: Any) -> HttpResponse:  # noqa: ANN401 -- rows and texts
    """The settings; `shown_once` is what was just made and is told on this answer only."""
    project = request.membership.project
    context = _common(request) | {
        "members": members.members(project.id, most=ROWS_SHOWN),
        "roles": Role.choices,
        "idle_choices": standstill.PARK_DAYS,
        "errors": {},
        **shown_once,
    }
    if request.membership.is_owner:
        context["invitations"] = members.invitations(project.id, most=ROWS_SHOWN)
        context["tokens"] = agent_tokens.agent_tokens(project.id, most=ROWS_SHOWN)
        context["ended_tokens"] = agent_tokens.agent_tokens(project.id, ended=True, most=ROWS_SHOWN)
        context |= agent_settings(project.id, shown_once.get("new_token_secret", ""))
        context["intake"] = refusals.of_project(project.id)
    return render(request, "projects/settings.html", context)


@require_GET
@reads
def members_page(request: ProjectRequest) -> HttpResponse:
    """All members, or with `q` those whose name or address has these words."""
    words = clean_line(request.GET.get("q", ""), "q", most=WORDS_MAX_CHARACTERS, required=False)
    found = page_asked_for(request, members.members, project_id=request.membership.project_id, words=words)
    asked = urlencode({"q": words}) if words else ""
    context = {"members": found, "words": words, "list_query": asked, "roles": Role.choices}
    return _shown(request, "member", context)


@reads
def invitations_page(request: ProjectRequest) -> HttpResponse:
    """All invitations that are open; for owners."""
    check_role(request.membership, Role.OWNER)
    found = page_asked_for(request, members.invitations, project_id=request.membership.project_id)
    return _shown(request, "invitation", {"invitations": found})


@reads
def agent_tokens_page(request: ProjectRequest) -> HttpResponse:
    """All agent tokens that are good, or with `state=ended` those that are not; for owners."""
    check_role(request.membership, Role.OWNER)
    state = request.GET.get("state", "open")
    if state not in STATES:
        raise Invalid("state", f"must be one of {', '.join(STATES)}.")
    ended = state == "ended"
    found = page_asked_for(
        request, agent_tokens.agent_tokens, project_id=request.membership.project_id, ended=ended
    )
    return _shown(request, "agent_token", {"tokens": found, "ended": ended})


def done(request: ProjectRequest, said: str, *, list_name: str = "", part: str = "") -> HttpResponse:
    """Back to where the verb was: the page of its list, where it has one, or that part of the settings.

    `list_name` is what the list's page is called among the addresses. Other lists are not gone back to: what
    makes an invitation or a token draws the settings at their address.
    """
    messages.success(request, said)
    project_id = request.membership.project_id
    if list_name and (the_list := came_from_page(request, reverse(list_name, args=[project_id]))):
        return HttpResponseRedirect(the_list)
    page = reverse("project_settings", args=[project_id])
    return HttpResponseRedirect(f"{page}#{part}" if part else page)


def _shown(request: ProjectRequest, name: str, found: dict[str, Any]) -> HttpResponse:
    folder = "projects/settings"
    context = _common(request) | found
    return show(request, context, page=f"{folder}/{name}s.html", rows=f"{folder}/_{name}_rows.html")


def _common(request: ProjectRequest) -> dict[str, Any]:
    membership = request.membership
    return {
        "me": request.user,
        "project": membership.project,
        "membership": membership,
        "only_owner": membership.is_owner and members.has_one_owner(membership.project_id),
    }
