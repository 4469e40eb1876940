"""Sessions: visits of people to projects."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.projects import Project


class SessionQuerySet(models.QuerySet["Session"]):
    def active(self) -> SessionQuerySet:
        return self.filter(is_active=True)

    def of(self, user_id: uuid.UUID, project_id: uuid.UUID) -> SessionQuerySet:
        return self.filter(user_id=user_id, project_id=project_id)

    def latest_one(self) -> Session | None:
        """The one that began last, whether it is over or not."""
        return self.order_by("-session_start", "-id").first()

    def idle_since(self, moment: dt.datetime) -> SessionQuerySet:
        """Active sessions in which nothing happened after `moment`."""
        return self.active().filter(last_activity__lte=moment)


class Session(models.Model):
    """One visit of one user to one project, with what the project was at its start."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sessions")
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="sessions")
    session_start = models.DateTimeField(default=timezone.now)
    session_end = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    # {"version", "taken_at", "decided", "exploring", "parked", "pending_questions"}: constant size.
    snapshot_at_start: models.JSONField[Any, Any] = models.JSONField()
    metadata: models.JSONField[Any, Any] = models.JSONField(default=dict)
    # When the person last did something here, and the project's version at that moment: an idle
    # session ends there, and what came later happened while they were away.
    last_activity = models.DateTimeField(default=timezone.now)
    end_version = models.BigIntegerField()
    # What it came to, measured once after its end (services/rollups.py) and kept, because the intake it is
    # measured from is not; insights/measures.py defines each. NULL: not measured, or there is none.
    measured_at = models.DateTimeField(null=True)
    active_seconds = models.IntegerField(null=True)
    gap_seconds = models.IntegerField(null=True)
    lag_seconds = models.IntegerField(null=True)
    items_decided = models.IntegerField(null=True)
    # How many rows of the intake it was measured from: once fewer are left, it is not measured again.
    inputs_measured = models.IntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Session]] = SessionQuerySet.as_manager()

    class Meta:
        db_table = "user_sessions"
        constraints = [
            # Never two active sessions of one person in one project, whatever races. The idle sweep finds
            # those of all projects by it: no index has `last_activity`, or each change of it would be written
            # into all of them.
            models.UniqueConstraint(
                fields=["project", "user"],
                condition=models.Q(is_active=True),
                name="user_sessions_one_active",
            ),
            models.CheckConstraint(
                condition=models.Q(is_active=True, session_end__isnull=True)
                | models.Q(is_active=False, session_end__isnull=False),
                name="user_sessions_end_when_ended",
            ),
        ]
        indexes = [
            # The last ended session of a person, and the history page.
            models.Index(fields=["project", "user", "-session_end"], name="user_sessions_last"),
            models.Index(fields=["project", "-session_start", "-id"], name="user_sessions_history"),
            # Those of all projects, for the admin.
            models.Index(fields=["-session_start", "-id"], name="user_sessions_newest"),
            models.Index(
                fields=["project"],
                condition=models.Q(is_active=False, measured_at__isnull=True),
                name="user_sessions_unmeasured",
            ),
        ]

    @property
    def start_version(self) -> int:
        """The project's version when it began: what is newer happened in it, or after it."""
        return int(self.snapshot_at_start["version"])
