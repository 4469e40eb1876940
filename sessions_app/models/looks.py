"""What a person has looked at: decisions that others made, accepted one by one."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from sessions_app.models.items import Item
from sessions_app.models.projects import Membership, Project


class DecisionLook(models.Model):
    """This person accepts this decision; a later decision of the same item is another one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="decision_looks")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    decided_version = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "decision_looks"
        constraints = [
            models.UniqueConstraint(fields=["project", "membership", "item"], name="decision_looks_once"),
        ]
