"""Blockers: what stops items from being decided."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.items import Item
from sessions_app.models.projects import TITLE_MAX_CHARACTERS, Project
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS, Question

# A few words around an item's title.
ENDED_HOW_MAX_CHARACTERS = TITLE_MAX_CHARACTERS + 40


class BlockerType(models.TextChoices):
    INFORMATION = "information", "Information"
    DECISION = "decision", "Decision"
    CLARIFICATION = "clarification", "Clarification"


class BlockerStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLEARED = "cleared", "Cleared"
    DISMISSED = "dismissed", "Dismissed"


class BlockerSource(models.TextChoices):
    AGENT = "agent", "Agent"
    DEPENDENCY = "dependency", "Dependency"
    PERSON = "person", "Person"


class BlockerQuerySet(models.QuerySet["Blocker"]):
    def open(self) -> BlockerQuerySet:
        return self.filter(status=BlockerStatus.OPEN)

    def ended(self) -> BlockerQuerySet:
        return self.exclude(status=BlockerStatus.OPEN)


class Blocker(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="blockers")
    type = models.CharField(max_length=20, choices=BlockerType)
    source = models.CharField(max_length=12, choices=BlockerSource)
    agent_type = models.CharField(max_length=100, blank=True)
    text = models.TextField(max_length=ASKED_TEXT_MAX_CHARACTERS)
    fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=BlockerStatus, default=BlockerStatus.OPEN)
    # What it hangs on: a question, or the item that must be decided first (a dependency's, or as a person
    # said).
    question = models.ForeignKey(Question, null=True, on_delete=models.CASCADE, related_name="blockers")
    item = models.ForeignKey(Item, null=True, on_delete=models.SET_NULL, related_name="blockers")
    # Who said so, where a person did; on which member it waits, and on which moment it ends by itself.
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    waits_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    waits_until = models.DateTimeField(null=True)
    times_seen = models.IntegerField(default=1)
    last_seen_at = models.DateTimeField(default=timezone.now)
    version = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # In a few words, what cleared it: "answered", "reported resolved", "“Lamp” was decided".
    ended_how = models.CharField(max_length=ENDED_HOW_MAX_CHARACTERS, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[Blocker]] = BlockerQuerySet.as_manager()

    class Meta:
        db_table = "blockers"
        constraints = [
            # One cause is one open blocker, however often it is reported.
            models.UniqueConstraint(
                fields=["project", "fingerprint"],
                condition=models.Q(status="open"),
                name="blockers_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(type__in=BlockerType.values), name="blockers_type_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=BlockerStatus.values), name="blockers_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-created_at", "-id"], name="blockers_newest"),
            models.Index(
                fields=["project", "created_at"],
                condition=models.Q(status="open"),
                name="blockers_open",
            ),
            # Those that end on a day, over all projects.
            models.Index(
                fields=["waits_until"],
                condition=models.Q(status="open", waits_until__isnull=False),
                name="blockers_due",
            ),
            # Those that ended, last first.
            models.Index(
                fields=["project", "-ended_at", "-id"],
                condition=~models.Q(status="open"),
                name="blockers_ended",
            ),
            # "A dismissed one is only counted": found again by what it said.
            models.Index(
                fields=["project", "fingerprint"],
                condition=models.Q(status="dismissed"),
                name="blockers_dismissed",
            ),
        ]


class BlockerItem(models.Model):
    """An item that the blocker stops."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    blocker = models.ForeignKey(Blocker, on_delete=models.CASCADE, related_name="blocked_items")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="stopped_by")

    class Meta:
        db_table = "blocker_items"
        constraints = [
            models.UniqueConstraint(fields=["project", "blocker", "item"], name="blocker_items_once"),
        ]
