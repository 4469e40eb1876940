"""Webhooks and their deliveries: never the secret they are signed with."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.filters import ByProject, by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.models import Webhook, WebhookDelivery
from sessions_app.models.webhooks import DeliveryStatus


@admin.register(Webhook)
class WebhookAdmin(Inspected):
    list_display = ("url", "project", "agent_type", "created_by", "created_at")
    related = ("project", "created_by")
    list_filter = (ByProject,)
    secrets = ("secret",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(Inspected):
    list_display = (
        *("created_at", "project", "webhook_url", "event", "status", "tries", "last_status", "next_try_at"),
    )
    related = ("project", "webhook")
    told_from = {"webhook_url": (Webhook,)}
    list_filter = (ByProject, by_choices("status", dict(DeliveryStatus.choices)))
    order_in_project = ("-created_at", "-id")

    @admin.display(description="Where to")
    def webhook_url(self, delivery: WebhookDelivery) -> str:
        return delivery.webhook.url
