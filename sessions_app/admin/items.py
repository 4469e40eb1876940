"""Items of all projects."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.filters import ByProject, by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.models import Item
from sessions_app.models.items import State


@admin.register(Item)
class ItemAdmin(Inspected):
    list_display = ("title", "project", "state", "version", "changed_at")
    list_filter = (ByProject, by_choices("state", dict(State.choices)))
