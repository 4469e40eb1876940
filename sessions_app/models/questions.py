"""Questions: what an agent asked people."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.items import Item
from sessions_app.models.projects import Project

ASKED_TEXT_MAX_CHARACTERS = 2_000
CATEGORY_MAX_CHARACTERS = 100
IMPORTANCE_MAX_CHARACTERS = 40


class QuestionStatus(models.TextChoices):
    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    DISMISSED = "dismissed", "Dismissed"
    EXPIRED = "expired", "Expired"


class QuestionQuerySet(models.QuerySet["Question"]):
    def open(self) -> QuestionQuerySet:
        return self.filter(status=QuestionStatus.OPEN)

    def ended(self) -> QuestionQuerySet:
        return self.exclude(status=QuestionStatus.OPEN)

    def due(self, now: Any) -> QuestionQuerySet:  # noqa: ANN401
        """Open questions whose time is over."""
        return self.open().filter(expires_at__lte=now)


class Question(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.DO_NOTHING, db_index=False, related_name="questions"
    )
    agent_type = models.CharField(max_length=100)
    # The person on whose behalf it is asked: whoever contests a decision.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(max_length=ASKED_TEXT_MAX_CHARACTERS)
    category = models.CharField(max_length=CATEGORY_MAX_CHARACTERS, blank=True)
    importance = models.CharField(max_length=IMPORTANCE_MAX_CHARACTERS, blank=True)
    options: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    # Same agent, same words, same subject: the same question.
    fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=QuestionStatus, default=QuestionStatus.OPEN)
    # Asked with "blocks", or by an agent that asks to clear things up: a blocker hangs on it.
    blocks = models.BooleanField(default=False)
    times_seen = models.IntegerField(default=1)
    last_seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    version = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # In a few words, what ended it where no person did: "nobody waits for it any more".
    ended_how = models.CharField(max_length=80, blank=True, db_default="")
    answer = models.TextField(blank=True)
    answer_message_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[Question]] = QuestionQuerySet.as_manager()

    class Meta:
        db_table = "questions"
        constraints = [
            # Two reports of one question at the same moment must not make two.
            models.UniqueConstraint(
                fields=["project", "fingerprint"],
                condition=models.Q(status="open"),
                name="questions_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=QuestionStatus.values), name="questions_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-created_at", "-id"], name="questions_newest"),
            models.Index(
                fields=["project", "created_at"],
                condition=models.Q(status="open"),
                name="questions_open",
            ),
            # Those that ended, last first.
            models.Index(
                fields=["project", "-ended_at", "-id"],
                condition=~models.Q(status="open"),
                name="questions_ended",
            ),
            # Those that ended after a version, for briefings.
            models.Index(
                fields=["project", "version"],
                condition=~models.Q(status="open"),
                name="questions_ended_since",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status="open", expires_at__isnull=False),
                name="questions_due",
            ),
        ]


class QuestionItem(models.Model):
    """An item the question holds up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="blocked_items")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "question_items"
        constraints = [
            models.UniqueConstraint(fields=["project", "question", "item"], name="question_items_once"),
        ]
