"""The activity ledger, and the intake that agents report into."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.bearers import AgentToken
from sessions_app.models.projects import Project

AGENT_TYPE_MAX_CHARACTERS = 100


class ActivityQuerySet(models.QuerySet["Activity"]):
    def since(self, version: int) -> ActivityQuerySet:
        """What happened after the project's version `version`, newest first."""
        return self.filter(version__gt=version).order_by("-version", "-id")


class Activity(models.Model):
    """One thing that happened, in the past tense; never changed, never pruned.

    The ids of what it speaks of are plain columns, not foreign keys: a ledger row outlives its
    subject. The kinds and their `data` are listed in docs/ledger.md.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(
        Project, on_delete=models.DO_NOTHING, db_index=False, related_name="activities"
    )
    version = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    actor_agent = models.CharField(max_length=100, blank=True)
    item_id = models.UUIDField(null=True)
    question_id = models.UUIDField(null=True)
    blocker_id = models.UUIDField(null=True)
    message_id = models.UUIDField(null=True)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[Activity]] = ActivityQuerySet.as_manager()

    class Meta:
        db_table = "activities"
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["project", "-version", "-id"], name="activities_since"),
            models.Index(
                fields=["project", "item_id", "-id"],
                condition=models.Q(item_id__isnull=False),
                name="activities_of_item",
            ),
            # The decision log.
            models.Index(
                fields=["project", "-version", "-id"],
                condition=models.Q(kind="item.decided"),
                name="activities_decided",
            ),
            # How often something was taken up again since a visit, which the summary counts.
            models.Index(
                fields=["project", "version"],
                condition=models.Q(kind="item.explored"),
                name="activities_explored",
            ),
            # Who contested a decision: few, and looked for at each one that somebody has not seen.
            models.Index(
                fields=["project", "item_id", "version"],
                condition=models.Q(kind="item.contested"),
                name="activities_contested",
            ),
            # What one person did, in the order in which their own data is handed out.
            models.Index(fields=["actor", "id"], name="activities_of_actor"),
        ]


class AgentActivity(models.Model):
    """The intake: what an agent reported, as it came; the digester makes the rest of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.DO_NOTHING, db_index=False, related_name="agent_activities"
    )
    agent_type = models.CharField(max_length=100)
    agent_token = models.ForeignKey(AgentToken, null=True, on_delete=models.DO_NOTHING, related_name="+")
    action = models.CharField(max_length=200)
    details: models.JSONField[Any, Any] = models.JSONField(default=dict)
    # The agent's own clock: shown, never used for order.
    occurred_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    # The project's version its digestion made; NULL while it waits for the digester.
    digested_version = models.BigIntegerField(null=True)
    # What kind of error kept it from being folded; such a report is shown, and tried no more.
    failure = models.CharField(max_length=100, blank=True)
    # Tries of folding it alone, counted once something went wrong near it.
    tries = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "agent_activities"
        verbose_name_plural = "agent activities"
        indexes = [
            models.Index(
                fields=["project", "received_at"],
                condition=models.Q(digested_version__isnull=True),
                name="agent_activities_waiting",
            ),
            models.Index(fields=["project", "-received_at"], name="agent_activities_feed"),
            # Those of all projects, for the admin.
            models.Index(fields=["-received_at", "-id"], name="agent_activities_newest"),
            models.Index(
                fields=["-received_at", "-id"],
                condition=~models.Q(failure=""),
                name="agent_activities_failed",
            ),
        ]


class SeenEvent(models.Model):
    """An `event_id` that was accepted: the same one again counts once. Kept 30 days."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    # Whose event: the person's id, or the agent's token or type. Another's equal id is another event.
    actor = models.CharField(max_length=120)
    event_id = models.UUIDField()
    # What was said under this id: the same id with another body is a mistake, not a repetition.
    body_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "seen_events"
        constraints = [
            models.UniqueConstraint(fields=["project", "actor", "event_id"], name="seen_events_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="seen_events_age")]
