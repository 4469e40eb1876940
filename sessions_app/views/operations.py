"""How the whole installation runs, for staff."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sessions_app import clock
from sessions_app.db import trouble
from sessions_app.insights.system_now import SystemNow
from sessions_app.metrics.disk import disk_of_data
from sessions_app.panels import operations_page
from sessions_app.panels.operations import RANGES, USUAL
from sessions_app.services import system
from sessions_app.services.errors import Invalid
from sessions_app.views.access import staff_only


@require_GET
@staff_only
def operations(request: HttpRequest) -> HttpResponse:
    """What is wrong now, and the figures of the last `range`."""
    chosen = RANGES.get(request.GET.get("range", USUAL))
    if chosen is None:
        raise Invalid("range", f"must be one of {', '.join(RANGES)}.")
    disk = disk_of_data()
    context = operations_page.context(chosen, clock.now(), _now(), disk_free_share=disk.free / disk.total)
    return render(request, "operations/page.html", context)


def _now() -> SystemNow | None:
    """How the system stands, or None: when a table is locked, the page is needed most."""
    try:
        return system.now()
    except trouble.ERRORS:
        return None
