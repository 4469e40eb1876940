"""Blockers of all projects."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.filters import ByProject, by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.models import Blocker, Item
from sessions_app.models.blockers import BlockerSource, BlockerStatus, BlockerType


@admin.register(Blocker)
class BlockerAdmin(Inspected):
    list_display = ("text", "project", "type", "source", "status", "created_at")
    list_filter = (
        ByProject,
        by_choices("status", dict(BlockerStatus.choices)),
        by_choices("type", dict(BlockerType.choices)),
        by_choices("source", dict(BlockerSource.choices)),
    )
    told_from = {"item": (Item,)}
    order_in_project = ("-created_at", "-id")
