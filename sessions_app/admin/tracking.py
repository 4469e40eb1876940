"""The intake of tracked input, what was refused there, and who digests what."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q

from sessions_app.admin.filters import ByPersonThere, ByProject, Word, by_choices, by_words
from sessions_app.admin.inspected import Inspected
from sessions_app.models import IntakeRefusal, ProjectDigest, TrackedActivity


@admin.register(TrackedActivity)
class TrackedActivityAdmin(Inspected):
    list_display = ("received_at", "user", "project", "kind", "version", "digested_at")
    related = ("project", "user")
    list_filter = (
        ByProject,
        ByPersonThere,
        by_words(
            "what became of it",
            "fate",
            Word("waiting", "Waits for the digester", Q(digested_at__isnull=True), is_indexed=True),
            Word("digested", "Digested", Q(digested_at__isnull=False)),
        ),
    )
    order_in_project = ("-received_at", "-id")


@admin.register(IntakeRefusal)
class IntakeRefusalAdmin(Inspected):
    list_display = ("hour", "project", "door", "reason", "times")
    list_filter = (
        ByProject,
        by_choices("door", {"tracked": "People's input", "reported": "Agents' reports"}),
    )


@admin.register(ProjectDigest)
class ProjectDigestAdmin(Inspected):
    list_display = ("project", "lease", "leased_until", "tries", "failure")
    finds = ("project",)
    list_filter = (ByProject,)
    order = ("-project_id",)
