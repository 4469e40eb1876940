"""Personal marks on suggested next steps."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from sessions_app.models.projects import Membership, Project


class MarkKind(models.TextChoices):
    DONE = "done", "Done"
    SNOOZED = "snoozed", "Snoozed"


class StepMark(models.Model):
    """A person put a step aside; it holds until the step's subject changes or the time is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="step_marks")
    # "question:<uuid>", "item:<uuid>", "item:<uuid>:wake", "blocker:<uuid>", "project:<uuid>"
    step_id = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=MarkKind)
    subject_version = models.BigIntegerField()
    # NULL: until the subject changes.
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "step_marks"
        constraints = [
            models.UniqueConstraint(fields=["project", "membership", "step_id"], name="step_marks_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=MarkKind.values), name="step_marks_kind_known"
            ),
        ]
        indexes = [
            models.Index(fields=["until"], condition=models.Q(until__isnull=False), name="step_marks_until"),
        ]
