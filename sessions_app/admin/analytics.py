"""Analytics: what is stored for a person and project, beside what it would be if computed now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from sessions_app.admin import shown
from sessions_app.admin.filters import ByPerson, ByProject
from sessions_app.admin.inspected import Inspected
from sessions_app.models import Session, SessionAnalytics
from sessions_app.services import analytics
from sessions_app.services.errors import NotFound

_VERSIONS = ("computed_version", "computed_member_version")
_COMPARED = (
    *("items_decided_since", "items_exploring", "items_parked", "pending_questions"),
    *("last_activity", "previous_activity", "suggested_next_steps", "hidden_steps", "active_blockers"),
    *_VERSIONS,
)


@admin.register(SessionAnalytics)
class SessionAnalyticsAdmin(Inspected):
    list_display = (
        *("user", "project", "items_decided_since", "items_exploring", "items_parked", "pending_questions"),
        *("is_current", "updated_at"),
    )
    related = ("project__counter", "user")
    finds = ("id", "project", "user")
    list_filter = (ByProject, ByPerson)
    actions = ("recompute",)
    fieldsets = (
        (None, {"fields": ("id", "user", "project", "other_rows")}),
        ("Stored beside recomputed", {"fields": ("compared",)}),
        ("More", {"fields": ("activities_tracked", "created_at", "updated_at")}),
    )

    @admin.display(description="Of the project's version", boolean=True)
    def is_current(self, row: SessionAnalytics) -> bool:
        return row.computed_version == row.project.counter.version

    @admin.display(description="See also")
    def other_rows(self, row: SessionAnalytics) -> SafeString:
        return shown.links_to_lists((Session,), project=row.project_id, person=row.user_id)

    @admin.display(description="Now")
    def compared(self, row: SessionAnalytics) -> SafeString | str:
        try:
            now = analytics.compute(row.user_id, row.project_id)
        except NotFound:
            return "This person is no member any more: nothing to compute."
        differ = {name for name in _COMPARED if getattr(row, name) != now[name]}
        lines = [
            {
                "name": name.replace("_", " "),
                "stored": _in_words(name, getattr(row, name)),
                "now": _in_words(name, now[name]),
                "differs": name in differ,
            }
            for name in _COMPARED
        ]
        # Being active makes no row old, so of that alone the stored one may not know.
        is_wrong = bool(differ - {"last_activity"}) and differ.isdisjoint(_VERSIONS)
        return shown.part("compared", lines=lines, is_old=not differ.isdisjoint(_VERSIONS), is_wrong=is_wrong)

    @admin.action(description="Recompute", permissions=["act"])
    def recompute(self, request: HttpRequest, rows: QuerySet[SessionAnalytics]) -> None:
        def verb(row: SessionAnalytics) -> str:
            analytics.recompute_now(row.user_id, row.project_id)
            return "Recomputed."

        self.act_on(request, rows, verb, none="Nothing was recomputed.")


def _in_words(name: str, value: Any) -> list[object]:  # noqa: ANN401 -- whatever a column holds
    """What a column holds, line by line: a line for each step or blocker."""
    if name == "active_blockers":
        return [f"{row['type']}: {row['text']}" for row in value]
    if isinstance(value, list):
        return [f"{row['priority']}: {row['rule'].replace('_', ' ')}: {row['subject']}" for row in value]
    return [shown.NONE if value is None else value]
