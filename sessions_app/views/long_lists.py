"""A list that may be long: it begins on some page, and comes a page at a time from an address of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sessions_app.panels.paging import Counted
from sessions_app.services.errors import Invalid

Row = TypeVar("Row", bound=Model)

ROWS_A_PAGE = 50


def is_more(request: HttpRequest) -> bool:
    """HTMX gets the rows that follow those it has, everybody else the page."""
    return request.headers.get("HX-Request") == "true"


def page_asked_for(request: HttpRequest, read: Callable[..., Counted[Row]], **which: object) -> Counted[Row]:
    """The first page of what `read` finds, or the one `after` a cursor. Raises Invalid for no cursor."""
    try:
        return read(**which, after=request.GET.get("after", ""), most=ROWS_A_PAGE)
    except ValueError as bad:
        raise Invalid("after", "must be what the page before said is next.") from bad


def show(request: HttpRequest, context: dict[str, Any], *, page: str, rows: str) -> HttpResponse:
    """Such a page by the template `page`, or, for whoever has those before, its rows by `rows`."""
    context |= {"is_more": is_more(request), "after": request.GET.get("after", "")}
    return render(request, rows if is_more(request) else page, context)
