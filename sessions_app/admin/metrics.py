"""What the operations page is made from, sample by sample."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q

from sessions_app.admin.filters import by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.models import MetricSample
from sessions_app.models.metrics import Resolution


@admin.register(MetricSample)
class MetricSampleAdmin(Inspected):
    list_display = ("metric", "labels", "resolution", "at", "total", "observations", "most")
    related = ()
    list_filter = (by_choices("resolution", dict(Resolution.choices)),)
    search_help_text = "The whole name of a metric."

    def meant_by(self, term: str) -> Q:
        return Q(metric=term)
