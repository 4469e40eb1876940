"""Django admin: to inspect. What others must hear of is changed on the pages, or here through a service.

Staff see what their permissions name, of every project, and are no members by that. A row names its project
and its people; what else a page tells of other rows is left out for whoever may not look at those. Each row
they open and each act is noted (`services/audit.py`). A file a noun; what they share is in `inspected.py`.
"""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin import (
    acts,
    agents,
    analytics,
    blockers,
    hand_offs,
    items,
    jobs,
    ledger,
    members,
    messages,
    metrics,
    people,
    projects,
    questions,
    rollups,
    sessions,
    tracking,
    webhooks,
)

__all__ = [
    "acts",
    "agents",
    "analytics",
    "blockers",
    "hand_offs",
    "items",
    "jobs",
    "ledger",
    "members",
    "messages",
    "metrics",
    "people",
    "projects",
    "questions",
    "rollups",
    "sessions",
    "tracking",
    "webhooks",
]

admin.site.site_title = admin.site.site_header = "Leftoff: behind the pages"
admin.site.index_title = "To inspect"
