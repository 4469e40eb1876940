"""The chat of a project."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.projects import Project

MESSAGE_MAX_CHARACTERS = 20_000


class Author(models.TextChoices):
    USER = "user", "Person"
    ASSISTANT = "assistant", "Agent"
    SYSTEM = "system", "System"


class MessageQuerySet(models.QuerySet["Message"]):
    def newest_first(self) -> MessageQuerySet:
        return self.order_by("-version", "-created_at", "-id").select_related("user")

    def before(self, message: Message) -> MessageQuerySet:
        """What was said before `message` (keyset paging)."""
        return self.filter(
            models.Q(version__lt=message.version)
            | models.Q(version=message.version, created_at__lt=message.created_at)
            | models.Q(version=message.version, created_at=message.created_at, id__lt=message.id)
        )

    def up_to(self, message: Message) -> MessageQuerySet:
        """`message` itself and what was said before it."""
        return self.before(message) | self.filter(pk=message.pk)


class Message(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="messages")
    role = models.CharField(max_length=10, choices=Author)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    agent_type = models.CharField(max_length=100, blank=True)
    # Emptied when the message is deleted; the row stays so that the talk keeps its shape.
    text = models.TextField(blank=True, max_length=MESSAGE_MAX_CHARACTERS)
    metadata: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    # The project's version when it was said: tells what is new to a reader.
    version = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The in-house agents have not read it yet.
    unheard = models.BooleanField(default=False, db_default=False)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Message]] = MessageQuerySet.as_manager()

    class Meta:
        db_table = "messages"
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Author.values), name="messages_role_known"),
        ]
        indexes = [
            models.Index(fields=["project", "-version", "-created_at", "-id"], name="messages_page"),
            models.Index(
                fields=["project", "version"], condition=models.Q(unheard=True), name="messages_unheard"
            ),
        ]
