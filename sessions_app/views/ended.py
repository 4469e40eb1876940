"""What is over, a page at a time: the other half of a list of what is open."""

from __future__ import annotations

from typing import Any, Protocol

from django.http import HttpResponse
from django.shortcuts import render

from sessions_app.panels import common
from sessions_app.panels.viewing import Viewing
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest
from sessions_app.views.changed import look

STATES = ("open", "ended")


class Ends(Protocol):
    """A panel whose rows end."""

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
