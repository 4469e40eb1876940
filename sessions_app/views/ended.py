"""What is open and what is over, each a page at a time: the two halves of a list."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from sessions_app.panels import common
from sessions_app.panels.viewing import Viewing
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest
from sessions_app.views.changed import look

STATES = ("open", "ended")


class Ends(Protocol):
    """A panel whose rows end."""

    def open_page(self, view: Viewing, after: str) -> dict[str, Any]:
        """What is open, from a cursor on. Raises ValueError for no cursor."""

    def place_of_open(self, project_id: UUID, row_id: UUID) -> str:
        """The cursor of the page that begins with this row, or "" where it is not open."""

    def place_of_ended(self, project_id: UUID, row_id: UUID) -> str:
        """The cursor of the page of what is over that begins with this row, or "" where it is not."""

    def ended(self, view: Viewing, older: str) -> dict[str, Any]:
        """What is over, from a cursor on. Raises ValueError for no cursor."""


def ended_page(request: ProjectRequest, panel: Ends, template: str) -> HttpResponse | None:
    """The page of what ended where `?state=ended` asks for it (`older` is its cursor), else None.

    Raises Invalid for another state, and for a cursor that is none.
    """
    state = request.GET.get("state", "open")
    if state not in STATES:
        raise Invalid("state", f"must be one of {', '.join(STATES)}.")
    if state == "open":
        return None
    view = look(request)
    try:
        found = panel.ended(view, request.GET.get("older", ""))
    except ValueError as bad:
        raise Invalid("older", "must be what the page before said is next.") from bad
    return render(request, template, common(view) | found)


def page_that_begins(request: ProjectRequest, panel: Ends) -> HttpResponse | None:
    """To the page that begins with the row that `at` names, of what is open or of what ended.

    None where none is named, or there is no such row. The page has an address of its own: a verb leads back
    to it also when it has ended the row. The browser goes on to the row, as the fragment of its address says.
    Raises Invalid for an id that is none.
    """
    if not (at := request.GET.get("at", "")):
        return None
    project_id = request.membership.project_id
    try:
        row_id = UUID(at)
    except ValueError as bad:
        raise Invalid("at", "must be the id of one of them.") from bad
    if after := panel.place_of_open(project_id, row_id):
        return HttpResponseRedirect(f"{request.path}?{urlencode({'after': after})}")
    if older := panel.place_of_ended(project_id, row_id):
        return HttpResponseRedirect(f"{request.path}?{urlencode({'state': 'ended', 'older': older})}")
    return None


def open_page(request: ProjectRequest, panel: Ends, view: Viewing) -> dict[str, Any]:
    """What is open: the first page, or the one after a cursor (`after`).

    `is_later` says whether it is not the first. Raises Invalid for a cursor that is none.
    """
    after = request.GET.get("after", "")
    try:
        return panel.open_page(view, after) | {"is_later": after != ""}
    except ValueError as bad:
        raise Invalid("after", "must be what the page before said is next.") from bad
