"""The ledger: what happened, as sentences, and as it is stored."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.filters import ByActor, ByProject, by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.admin.visits import sentence
from sessions_app.models import Activity


@admin.register(Activity)
class ActivityAdmin(Inspected):
    list_display = ("created_at", "what", "project", "version")
    related = ("project", "actor")
    finds = ("id", "project")
    list_filter = (
        ByProject,
        ByActor,
        by_choices("actor_kind", {"user": "People", "agent": "Agents", "system": "Leftoff"}, "kind of actor"),
    )
    order_in_project = ("-version", "-id")
    extras = ("what",)

    @admin.display(description="What happened")
    def what(self, row: Activity) -> str:
        return sentence(row)
