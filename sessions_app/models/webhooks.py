"""Webhooks: addresses of outside agents that are told how their questions ended."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models.projects import Project

URL_MAX_CHARACTERS = 500


class Webhook(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="webhooks")
    url = models.CharField(max_length=URL_MAX_CHARACTERS)
    # Only what this agent asked; empty: every agent's.
    agent_type = models.CharField(max_length=100, blank=True)
    # What deliveries are signed with, sealed with the secret key.
    secret = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "webhooks"
        indexes = [models.Index(fields=["project", "created_at"], name="webhooks_of_project")]


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class WebhookDelivery(models.Model):
    """One thing to tell one webhook. The row is the job: it waits until it is delivered or given up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    payload: models.JSONField[Any, Any] = models.JSONField()
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    tries = models.IntegerField(default=0)
    # When it is tried next, while it waits.
    next_try_at = models.DateTimeField(default=timezone.now)
    last_status = models.IntegerField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_deliveries"
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=DeliveryStatus.values), name="webhook_deliveries_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(status="waiting"), name="webhook_deliveries_due"
            ),
            models.Index(fields=["project", "-created_at", "-id"], name="webhook_deliveries_log"),
        ]
