"""The figures for Prometheus: of this process, and of the whole system as the database knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import Metric

from sessions_app.db import trouble
from sessions_app.db.asking import ask
from sessions_app.insights.system_now import SystemNow
from sessions_app.metrics import exposition
from sessions_app.metrics.exposition import gauge, gauges
from sessions_app.services import metric_samples, system
from sessions_app.services.bearers import token_in
from sessions_app.views.errors import page_not_found

Answer = TypeVar("Answer")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures, for whoever shows METRICS_TOKEN; 404 where there is none.

    Without the database it tells what this process knows, and that the database is away.
    """
    if not settings.METRICS_TOKEN:
        return page_not_found(request)
    if not constant_time_compare(token_in(request.headers.get("Authorization", "")), settings.METRICS_TOKEN):
        response = HttpResponse("Send METRICS_TOKEN as a bearer.\n", status=401, content_type="text/plain")
        response.headers["WWW-Authenticate"] = 'Bearer realm="leftoff metrics"'
        return response
    return HttpResponse(exposition.text(_system()), content_type=CONTENT_TYPE_LATEST)


def _system() -> Iterator[Metric]:
    is_up = _asked(system.answers) is True
    yield database_up(is_up)
    if not is_up:
        return
    # Each for itself: a table that is locked takes nothing else along.
    if now := _asked(system.now):
        yield from system_families(now)
    if (ever := _asked(metric_samples.ever)) is not None:
        yield from exposition.of_workers(ever)


def _asked(question: Callable[[], Answer]) -> Answer | None:
    """The answer, or None where there is none in time."""
    try:
        return ask(question)
    except trouble.ERRORS:
        return None


def database_up(is_up: bool) -> Metric:
    """Whether the database answers; nothing else of the system is told while it does not."""
    return gauge("leftoff_database_up", "Whether the database answers", is_up)


def system_families(now: SystemNow) -> Iterator[Metric]:
    """How the system stands, the same from every server of one database."""
    jobs = {"due": now.jobs_due, "later": now.jobs_later, "running": now.jobs_running}
    yield gauges("leftoff_jobs_waiting", "Jobs that are due, for later, or running", "state", jobs)
    yield gauge("leftoff_jobs_failed", "Jobs that failed for good, kept to be looked at", now.jobs_failed)
    yield gauge("leftoff_job_lag_seconds", "Since when the oldest due job waits", now.job_lag_seconds)
    yield gauge("leftoff_workers", "Workers heard of lately", now.workers)
    intake = {"tracked": now.tracked_waiting, "reported": now.reported_waiting}
    yield gauges("leftoff_intake_waiting", "Rows of the intake nobody digested yet", "kind", intake)
    yield gauge("leftoff_intake_lag_seconds", "Since when the oldest of them waits", now.intake_lag_seconds)
    yield gauge("leftoff_sessions_active", "Sessions under way", now.sessions_active)
