"""Analytics: the precomputed row per person and project that the panel is served from."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.projects import Project


class SessionAnalytics(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    last_activity = models.DateTimeField(null=True)
    previous_activity = models.DateTimeField(null=True)
    items_decided_since = models.IntegerField(default=0)
    items_exploring = models.IntegerField(default=0)
    items_parked = models.IntegerField(default=0)
    pending_questions = models.IntegerField(default=0)
    suggested_next_steps: models.JSONField[Any, Any] = models.JSONField(default=list)
    active_blockers: models.JSONField[Any, Any] = models.JSONField(default=list)
    hidden_steps: models.JSONField[Any, Any] = models.JSONField(default=list)
    # Tracked input folded in so far: each accepted event counts here once.
    activities_tracked = models.BigIntegerField(default=0, db_default=0)
    # The project's and the membership's version this row was computed at; older means stale.
    computed_version = models.BigIntegerField(default=-1)
    computed_member_version = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "session_analytics"
        verbose_name = "analytics"
        verbose_name_plural = "analytics"
        constraints = [
            # By it a person's rows are found too, where an account is deleted or erased for instance.
            models.UniqueConstraint(fields=["user", "project"], name="session_analytics_one"),
        ]
        indexes = [models.Index(fields=["project"], name="session_analytics_of_project")]


class AnalyticsCheck(models.Model):
    """Analytics of who is here in a project may be old: the digester is to look. Triggers leave it."""

    id = models.BigAutoField(primary_key=True)
    # No constraint, which would be asked with every version: where the project is gone, nobody is stale.
    project = models.ForeignKey(
        Project, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        db_table = "analytics_checks"
        indexes = [models.Index(fields=["project"], name="analytics_checks_of_project")]
