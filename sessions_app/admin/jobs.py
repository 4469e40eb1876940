"""Jobs that wait, run or failed for good. Those that succeed are deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from procrastinate import App
from procrastinate.contrib.django import admin as _library  # noqa: F401 -- registers its own page
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.utils import utcnow

from sessions_app.admin import shown
from sessions_app.admin.filters import by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.services.errors import Conflict

# The library's own page lets whoever may look at jobs retry and abort them.
admin.site.unregister(ProcrastinateJob)

_STATUSES = ("todo", "doing", "failed", "cancelled", "aborted")


@admin.register(ProcrastinateJob)
class JobAdmin(Inspected):
    list_display = ("id", "task_name", "status", "queue_name", "attempts", "scheduled_at")
    related = ()
    finds = ("id",)
    list_filter = (by_choices("status", {status: status.capitalize() for status in _STATUSES}),)
    search_help_text = "The number of a job, or the whole name of its task."
    actions = ("retry", "cancel")
    extras = ("events",)

    def meant_by(self, term: str) -> Q:
        return super().meant_by(term) | Q(task_name=term)

    @admin.display(description="What happened to it")
    def events(self, job: ProcrastinateJob) -> SafeString:
        found = ProcrastinateEvent.objects.filter(job_id=job.pk).order_by("id")
        return shown.part("events", events=[(event.at, event.type) for event in found])

    @admin.action(description="Try a failed one again", permissions=["act"])
    def retry(self, request: HttpRequest, rows: QuerySet[ProcrastinateJob]) -> None:
        def verb(job: Any) -> str:  # noqa: ANN401 -- the library's model has no annotated fields
            if job.status != Status.FAILED.value:
                return ""
            with _refusals():
                _jobs().job_manager.retry_job_by_id(job.id, utcnow(), job.priority, job.queue_name, job.lock)
            return "Let the job be tried again."

        self.act_on(request, rows, verb, none="None of these had failed.")

    @admin.action(description="Cancel one that waits", permissions=["act"])
    def cancel(self, request: HttpRequest, rows: QuerySet[ProcrastinateJob]) -> None:
        def verb(job: Any) -> str:  # noqa: ANN401
            if job.status != Status.TODO.value:
                return ""
            with _refusals():
                return "Cancelled the job." if _jobs().job_manager.cancel_job_by_id(job.id) else ""

        self.act_on(request, rows, verb, none="None of these was waiting.")


@contextmanager
def _refusals() -> Iterator[None]:
    """What the queue refuses, as a service would. Raises Conflict."""
    try:
        yield
    except UniqueViolation as refused:
        raise Conflict("Another one like it waits already.") from refused
    except ConnectorException as refused:
        raise Conflict("It is not as it was any more: look at it again.") from refused


def _jobs() -> App:
    app: App = apps.get_app_config("procrastinate").app  # type: ignore[attr-defined]
    return app
