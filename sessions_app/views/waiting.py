"""What an item waits for: say so, say that it does no more; and the pages of long lists of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from sessions_app.models import ItemDependency
from sessions_app.panels import waiting
from sessions_app.panels.paging import Counted
from sessions_app.services import dependencies, items
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.errors import came_from_page
from sessions_app.views.long_lists import page_asked_for, show


@require_POST
@writes()
def item_wait(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    dependencies.add_dependency(
        request.membership.project_id, request.actor, waiting_id=item_id, blocking_id=_blocking(request)
    )
    return redirect("item", request.membership.project_id, item_id)


@require_POST
@writes()
def item_unwait(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    """From the page of a long list back there, else to the item."""
    project_id = request.membership.project_id
    # An edge that is not there is fine, an item that is not there is not.
    items.get_item(project_id, item_id)
    dependencies.remove_dependency(
        project_id, request.actor, waiting_id=item_id, blocking_id=_blocking(request)
    )
    the_list = came_from_page(request, reverse("item_waits_for", args=[project_id, item_id]))
    return redirect(the_list or reverse("item", args=[project_id, item_id]))


@require_GET
@reads
def item_waits_for(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    """All that an item waits for."""
    return _edges(request, item_id, waiting.waits_for, "Waits for", "items/_waits_for_rows.html")


@require_GET
@reads
def item_holds_up(request: ProjectRequest, item_id: UUID) -> HttpResponse:
    """All that waits for an item."""
    return _edges(request, item_id, waiting.holds_up, "Holds up", "items/_holds_up_rows.html")


def _edges(
    request: ProjectRequest,
    item_id: UUID,
    read: Callable[..., Counted[ItemDependency]],
    words: str,
    rows: str,
) -> HttpResponse:
    membership = request.membership
    context = {
        "me": request.user,
        "project": membership.project,
        "membership": membership,
        "item": items.get_item(membership.project_id, item_id),
        "edges": page_asked_for(request, read, project_id=membership.project_id, item_id=item_id),
        "words": words,
        "rows": rows,
    }
    return show(request, context, page="items/waiting.html", rows=rows)


def _blocking(request: ProjectRequest) -> UUID:
    try:
        return UUID(request.POST.get("blocking", ""))
    except ValueError as bad:
        raise Invalid("blocking", "must be an item of this project.") from bad
