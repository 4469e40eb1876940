"""Blockers: all that are open or ended, raise, done, clear, dismiss."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from sessions_app.models.projects import Role
from sessions_app.panels import blockers as blockers_panel
from sessions_app.panels import common
from sessions_app.services import blockers, members
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import changed, look
from sessions_app.views.days import morning_of
from sessions_app.views.ended import ended_page, open_page, page_that_begins


@require_http_methods(["GET", "POST"])
def blocker_list(request: ProjectRequest, project_id: UUID) -> HttpResponseBase:
    """GET the blockers, POST a new one."""
    view = blocker_raise if request.method == "POST" else blocker_page
    return view(request, project_id=project_id)


@writes()
def blocker_raise(request: ProjectRequest) -> HttpResponse:
    """A person says what is stuck: on a member or an item (`waits_for`), until a day, or on nothing."""
    kind, waits_for = _waits_for(request)
    blockers.raise_blocker_by_person(
        request.membership.project_id,
        request.actor,
        text=request.POST.get("text", ""),
        kind=request.POST.get("type", ""),
        blocks=_ids(request.POST.getlist("blocks"), "blocks"),
        waits_for=waits_for if kind == "user" else None,
        waits_on_item=waits_for if kind == "item" else None,
        waits_until=morning_of(request, "waits_until"),
    )
    return changed(request, "Blocker raised.", "blockers")


@reads
def blocker_page(request: ProjectRequest) -> HttpResponse:
    """Every open blocker, where the panel shows the most blocking ones; or those that ended."""
    if (page := ended_page(request, blockers_panel, "blockers/ended.html")) is not None:
        return page
    if (page := page_that_begins(request, blockers_panel)) is not None:
        return page
    view = look(request)
    found = open_page(request, blockers_panel, view) | blockers_panel.choices(view)
    return render(request, "blockers/page.html", common(view) | found)


@require_POST
@writes(Role.VIEWER)
def blocker_done(request: ProjectRequest, blocker_id: UUID) -> HttpResponse:
    """Whom it waits for says that it is done; a viewer's own too."""
    blockers.say_done(request.membership.project_id, request.actor, blocker_id)
    return changed(request, "Done: nobody waits for you with it any more.", "questions")


@require_POST
@writes()
def blocker_clear(request: ProjectRequest, blocker_id: UUID) -> HttpResponse:
    blockers.clear_blocker(request.membership.project_id, request.actor, blocker_id)
    return changed(request, "Blocker cleared.", "blockers")


@require_POST
@writes()
def blocker_dismiss(request: ProjectRequest, blocker_id: UUID) -> HttpResponse:
    blockers.dismiss_blocker(request.membership.project_id, request.actor, blocker_id)
    return changed(request, "Blocker dismissed.", "blockers")


def _waits_for(request: ProjectRequest) -> tuple[str, UUID | None]:
    """What the one field for whom and for which item says: `user:<uuid>`, `item:<uuid>`, or "".

    A member whom it does not offer is named by their mail address (`waits_for_mail`).
    """
    given, mail = request.POST.get("waits_for", ""), request.POST.get("waits_for_mail", "").strip()
    if given and mail:
        raise Invalid("waits_for_mail", "must be left out: it waits for one thing only.")
    if mail:
        return "user", members.find_member(request.membership.project_id, mail, "waits_for_mail")
    if not given:
        return "", None
    kind, _, subject = given.partition(":")
    if kind not in ("user", "item"):
        raise Invalid("waits_for", "must be a member or an item of this project.")
    return kind, _ids([subject], "waits_for")[0]


def _ids(texts: list[str], field: str) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as bad:
        raise Invalid(field, "must be of this project.") from bad
