"""Roll-ups, and how far each project's are filled."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.filters import ByPerson, ByProject, by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.models import DecisionLife, RollupFill, SessionRollup, WorkRollup


@admin.register(SessionRollup)
class SessionRollupAdmin(Inspected):
    list_display = ("bucket", "user", "project", "sessions")
    related = ("project", "user")
    finds = ("id", "project", "user")
    list_filter = (ByProject, ByPerson)
    order_in_project = ("-bucket", "-id")


@admin.register(WorkRollup)
class WorkRollupAdmin(Inspected):
    list_display = ("bucket", "project", "kind", "actor_kind", "times")
    list_filter = (ByProject,)
    order_in_project = ("-bucket", "-id")


@admin.register(DecisionLife)
class DecisionLifeAdmin(Inspected):
    list_display = ("began_at", "project", "item_id", "actor_kind", "ended_at", "end")
    list_filter = (
        ByProject,
        by_choices("end", {"": "Stands", "reopened": "Reopened", "superseded": "Superseded", "left": "Left"}),
    )
    order_in_project = ("-began_at", "-id")


@admin.register(RollupFill)
class RollupFillAdmin(Inspected):
    list_display = ("project", "version", "behind", "filled_at")
    related = ("project__counter",)
    finds = ("project",)
    list_filter = (ByProject,)
    order = ("-project_id",)

    @admin.display(description="Versions behind")
    def behind(self, fill: RollupFill) -> int:
        return fill.project.counter.version - fill.version
