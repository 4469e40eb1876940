"""The admin's own log: who of the staff looked at what, and did what."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db.models import Q

from sessions_app.admin.filters import ByPerson, Word, by_words
from sessions_app.admin.inspected import Inspected
from sessions_app.services.audit import VIEWED


@admin.register(LogEntry)
class LogEntryAdmin(Inspected):
    list_display = ("action_time", "user", "object_repr", "said")
    related = ("user", "content_type")
    finds = ("user",)
    list_filter = (
        ByPerson,
        by_words(
            "what was done",
            "did",
            Word("viewed", "Viewed", Q(action_flag=VIEWED)),
            Word("changed", "Changed", Q(action_flag__in=(ADDITION, CHANGE, DELETION))),
        ),
    )
    extras = ("said",)
    secrets = ("change_message",)

    @admin.display(description="What")
    def said(self, entry: LogEntry) -> str:
        return str(entry.get_change_message())
