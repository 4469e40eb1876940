"""Items: the verbs, the detail page, further pages of a column, and the list behind a count."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sessions_app.models.items import State
from sessions_app.panels import common, decided, item_page
from sessions_app.panels import items as items_panel
from sessions_app.services import idling, items, reviews
from sessions_app.services.errors import Conflict, Invalid, NotAllowed
from sessions_app.services.subjects import find_item
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import changed, look
from sessions_app.views.days import morning_of
from sessions_app.views.forms import posted_version


@require_http_methods(["GET", "POST"])
def item_list(request: ProjectRequest, project_id: UUID) -> HttpResponseBase:
    """GET a further page of a column, POST a new item."""
    view = item_add if request.method == "POST" else item_column
    return view(request, project_id=project_id)


@writes()
def item_add(request: ProjectRequest) -> HttpResponse:
    item = items.add_item(
        request.membership.project_id,
        request.actor,
        title=request.POST.get("title", ""),
        text=request.POST.get("text", ""),
    )
    return changed(request, f"Added “{item.title}”.", f"item-{item.id}")


@reads
def item_column(request: ProjectRequest) -> HttpResponse:
    state, cursor = request.GET.get("state", ""), request.GET.get("after", "")
    if state not in State.values:
        raise Invalid("state", f"must be one of {', '.join(State.values)}.")
    try:
        after = items_panel.parse_cursor(cursor) if cursor else (2**63 - 1, UUID(int=0))
    except ValueError as bad:
        raise Invalid("after", "must be what the page before said is next.") from bad
    view = look(request)
    if request.headers.get("HX-Request") == "true":
        return render(request, "items/_page.html", common(view) | items_panel.column_page(view, state, after))
    context = common(view) | items_panel.column_full_page(view, state, after)
    return render(request, "items/column.html", context)


@require_GET
@reads
def item_detail(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    """An item with its whole history, what it waits for and what it holds up."""
    view = look(request)
    return render(request, "items/page.html", common(view) | item_page.context(view, item_id))


@require_http_methods(["GET", "POST"])
def item_edit(request: ProjectRequest, project_id: UUID, item_id: UUID) -> HttpResponseBase:
    view = _save_edit if request.method == "POST" else _edit_form
    return view(request, project_id=project_id, item_id=item_id)


@require_POST
@writes()
def item_decide(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    item = items.decide_item(
        request.membership.project_id,
        request.actor,
        item_id,
        reason=request.POST.get("reason", ""),
        outcome=request.POST.get("outcome", ""),
        alternatives=[line for line in request.POST.get("alternatives", "").splitlines() if line.strip()],
        supersedes=_named(request, "supersedes"),
        review_at=morning_of(request, "review_on"),
    )
    return changed(request, f"Decided “{item.title}”.", f"item-{item.id}")


@require_POST
@writes()
def item_park(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    item = items.park_item(
        request.membership.project_id,
        request.actor,
        item_id,
        reason=request.POST.get("reason", ""),
        wake_at=morning_of(request, "wake_on"),
        wake_item_id=next(iter(_named(request, "wake_item")), None),
        wake_sessions=_number(request, "wake_sessions"),
    )
    return changed(request, f"Parked “{item.title}”.", f"item-{item.id}")


@require_POST
@writes()
def item_explore(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    item = items.explore_item(
        request.membership.project_id, request.actor, item_id, reason=request.POST.get("reason", "")
    )
    return changed(request, f"“{item.title}” is open again.", f"item-{item.id}")


@require_POST
@writes()
def item_keep(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    item = idling.keep_item(request.membership.project_id, request.actor, item_id)
    return changed(request, f"“{item.title}” stays open.", f"item-{item.id}")


@require_POST
@writes()
def item_contest(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    item = reviews.contest_item(
        request.membership.project_id, request.actor, item_id, reason=request.POST.get("reason", "")
    )
    return changed(request, f"Contested “{item.title}”.", f"item-{item.id}")


@require_POST
@writes()
def item_confirm(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    item = reviews.confirm_item(
        request.membership.project_id,
        request.actor,
        item_id,
        reason=request.POST.get("reason", ""),
        review_at=morning_of(request, "review_on"),
    )
    return changed(request, f"“{item.title}” stands.", f"item-{item.id}")


@require_POST
@writes()
def item_delete(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    items.delete_item(request.membership.project_id, request.actor, item_id)
    return changed(request, "Deleted.", "exploring")


@require_GET
@reads
def project_decided(request: ProjectRequest) -> HttpResponse:
    """The items behind "decided since last": whole, one part of its split, or what agents decided of it."""
    span, by = request.GET.get("span", "all"), request.GET.get("by", "")
    if span not in decided.SPANS:
        raise Invalid("span", f"must be one of {', '.join(decided.SPANS)}.")
    if by not in ("", "agents"):
        raise Invalid("by", "must be agents, or left out.")
    view = look(request)
    try:
        found = decided.context(view, span, by_agents=by == "agents", older=request.GET.get("older", ""))
    except ValueError as bad:
        raise Invalid("older", "must be what the page before said is next.") from bad
    return render(request, "items/decided.html", common(view) | found)


@reads
def _edit_form(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    if not request.membership.may_write:
        raise NotAllowed("Viewers read; ask an owner to make you an editor.")
    item = items.get_item(request.membership.project_id, item_id)
    values = {"title": item.title, "text": item.text, "version": item.version}
    return _edit_page(request, item, values)


@writes()
def _save_edit(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    values = {name: request.POST.get(name, "") for name in ("title", "text", "version")}
    version = posted_version(request, "version")
    item = items.get_item(request.membership.project_id, item_id)
    try:
        item = items.edit_item(
            request.membership.project_id,
            request.actor,
            item_id,
            title=values["title"],
            text=values["text"],
            version=version,
        )
    except Conflict as stale:
        return _edit_page(request, item, values, conflict=item_page.theirs(stale.current), status=409)
    except Invalid as bad:
        return _edit_page(request, item, values, errors={bad.field: bad.rule}, status=422)
    messages.success(request, f"Saved “{item.title}”.")
    return redirect("item", request.membership.project_id, item_id)


def _edit_page(
    request: ProjectRequest,
    item: object,
    values: Mapping[str, object],
    *,
    errors: dict[str, str] | None = None,
    conflict: object = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "me": request.user,
        "membership": request.membership,
        "project": request.membership.project,
        "item": item,
        "values": values,
        "errors": errors or {},
        "conflict": conflict,
    }
    return render(request, "items/edit.html", context, status=status)


def _named(request: ProjectRequest, field: str) -> list[UUID]:
    """The items whose titles, or ids, stand in fields of this name; an empty field names none."""
    given = (typed.strip() for typed in request.POST.getlist(field))
    return [find_item(request.membership.project_id, typed, field) for typed in given if typed]


def _number(request: ProjectRequest, field: str) -> int | None:
    """A small whole number; '' is none."""
    typed = request.POST.get(field, "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid(field, "must be a whole number.")
    return int(typed)
