"""Hand-offs: what a person leaves for whoever comes next."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.projects import Project
from sessions_app.models.sessions import Session

HAND_OFF_MAX_CHARACTERS = 4_000


class HandOff(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The visit it sums up.
    session = models.ForeignKey(Session, null=True, on_delete=models.SET_NULL, related_name="hand_offs")
    text = models.TextField(max_length=HAND_OFF_MAX_CHARACTERS)
    # The project's version it was left at.
    version = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "hand_offs"
        verbose_name = "hand-off"
        verbose_name_plural = "hand-offs"
        constraints = [
            # Said again for the same visit, it is the same hand-off with other words.
            models.UniqueConstraint(fields=["project", "session"], name="hand_offs_one_per_session"),
        ]
        indexes = [models.Index(fields=["project", "-version", "-id"], name="hand_offs_newest")]
