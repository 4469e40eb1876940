"""Figures of a project's sessions and work, and of one's own sessions over all one's projects."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from sessions_app import clock
from sessions_app.exporters import csv_records
from sessions_app.insights import periods
from sessions_app.insights.periods import BadPeriod, Period
from sessions_app.insights.tables import Table
from sessions_app.models import User
from sessions_app.panels import insights_page
from sessions_app.services.errors import Invalid
from sessions_app.streamed import Streamed, attachment
from sessions_app.views.access import ProjectRequest
from sessions_app.views.lagging import reads_that_may_lag, signed_in_that_may_lag


@require_GET
@reads_that_may_lag
def project_insights(request: ProjectRequest) -> HttpResponse:
    """A project's figures in the last `days`, or `from` a day `to` another, of one's own time zone."""
    return render(
        request, "insights/page.html", insights_page.of_project(request.membership, _period(request))
    )


@require_GET
@reads_that_may_lag
def project_insights_csv(request: ProjectRequest, table: str) -> Streamed:
    """One of its tables, whole and day by day."""
    try:
        return _file(insights_page.project_table(request.membership, _period(request), table))
    except KeyError as missing:
        raise Http404 from missing


@require_GET
@signed_in_that_may_lag
def own_insights(request: HttpRequest) -> HttpResponse:
    """One's own sessions over all one's projects."""
    assert isinstance(request.user, User)
    return render(request, "insights/own.html", insights_page.of_person(request.user.id, _period(request)))


@require_GET
@signed_in_that_may_lag
def own_insights_csv(request: HttpRequest, table: str) -> Streamed:
    """One of its tables, whole and day by day."""
    assert isinstance(request.user, User)
    try:
        return _file(insights_page.person_table(request.user.id, _period(request), table))
    except KeyError as missing:
        raise Http404 from missing


def _period(request: HttpRequest) -> Period:
    asked = {name: request.GET.get(name, "") for name in ("days", "from", "to")}
    try:
        return periods.choose(
            clock.now(),
            timezone.get_current_timezone(),
            days=asked["days"],
            first=asked["from"],
            last=asked["to"],
        )
    except BadPeriod as bad:
        raise Invalid(bad.field, bad.rule) from bad


def _file(table: Table) -> Streamed:
    response = Streamed(csv_records.lines(table.records), content_type=csv_records.CONTENT_TYPE)
    return attachment(response, f"insights-{table.name}.csv")
