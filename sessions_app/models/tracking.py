"""The intake of tracked input, who digests what, and who is here."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.projects import Project

KIND_MAX_CHARACTERS = 100


class TrackedActivity(models.Model):
    """The intake: a person did something in a project. The row is the job: the digester folds it."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    event_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=KIND_MAX_CHARACTERS)
    metadata: models.JSONField[Any, Any] = models.JSONField(default=dict)
    # The project's version at that moment: a session that ends here has seen so much.
    version = models.BigIntegerField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    # NULL while it waits for the digester.
    digested_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tracked_activities"
        verbose_name_plural = "tracked activities"
        indexes = [
            models.Index(
                fields=["project", "user", "id"],
                condition=models.Q(digested_at__isnull=True),
                name="tracked_activities_waiting",
            ),
            models.Index(fields=["project", "-received_at"], name="tracked_activities_feed"),
        ]


class IntakeRefusal(models.Model):
    """How often something sent to a project's intake was refused in an hour, by door and reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    hour = models.DateTimeField()
    # "tracked": people's input; "reported": what agents report.
    door = models.CharField(max_length=20)
    # A word of services/refusals.py, such as "too-large" or "rate-limit".
    reason = models.CharField(max_length=40)
    times = models.BigIntegerField()

    class Meta:
        db_table = "intake_refusals"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "hour", "door", "reason"], name="intake_refusals_once"
            ),
        ]


class ProjectDigest(models.Model):
    """Which digester has a project, and until when by the database's clock; no row: nobody yet."""

    project = models.OneToOneField(
        Project, on_delete=models.DO_NOTHING, primary_key=True, related_name="digest"
    )
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    # Claims since the last one that came to its end: more than one means trouble.
    tries = models.IntegerField(default=0)
    # What kind of error the last try ended with.
    failure = models.CharField(max_length=100, blank=True)
    # When the in-house agents last looked for gaps here, and the project's version at that moment.
    gaps_sought_at = models.DateTimeField(null=True)
    gaps_sought_version = models.BigIntegerField(default=-1, db_default=-1)

    class Meta:
        db_table = "project_digests"


class Presence(models.Model):
    """A person has the project's page open, as one server process says; it expires by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    # The server process that holds the socket.
    server = models.UUIDField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "presences"
        constraints = [
            models.UniqueConstraint(fields=["project", "user", "server"], name="presences_once"),
        ]
