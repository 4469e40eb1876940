"""Webhooks: where the answers to agents' questions are sent, and how that went."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from pydantic import Field

from sessions_app.api.door import OWNER_READS, OWNS, OWNS_ALSO_ARCHIVED, ApiRequest, Place, operation
from sessions_app.api.paging import by_time
from sessions_app.api.reading import Body, Id, Page, optional_text
from sessions_app.api.showing import Data, Done, List, Shown
from sessions_app.models import Webhook, WebhookDelivery
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.webhooks import URL_MAX_CHARACTERS, DeliveryStatus
from sessions_app.services import webhooks
from sessions_app.services.bearers import PersonCaller

router = Place("/projects/{project_id}", "Webhooks")
WEBHOOKS = "/webhooks"
WEBHOOK = "/webhooks/{webhook_id}"


class WebhookNew(Body):
    url: str = Field(min_length=1, max_length=URL_MAX_CHARACTERS)
    # Only what this agent asked; left out: every agent's.
    agent_type: str = optional_text(AGENT_TYPE_MAX_CHARACTERS)


class WebhookShown(Shown):
    id: UUID
    url: str
    agent_type: str
    created_by: str
    created_at: dt.datetime


class WebhookMade(WebhookShown):
    """`secret` is told this once; deliveries are signed with it (standardwebhooks.com)."""

    secret: str


class DeliveryShown(Shown):
    id: UUID
    webhook_id: UUID
    event: str
    status: DeliveryStatus
    tries: int
    next_try_at: dt.datetime
    last_status: int | None
    last_error: str
    created_at: dt.datetime
    ended_at: dt.datetime | None


@operation(router, "GET", WEBHOOKS, gives={200: List[WebhookShown]}, may=OWNER_READS)
def webhook_list(request: ApiRequest, project_id: Id) -> List[WebhookShown]:
    """The project's webhooks, newest first. Owners only."""
    rows = Webhook.objects.filter(project_id=project_id).select_related("created_by")
    return List(data=[_shown(row) for row in rows.order_by("-created_at", "-id")], next=None)


@operation(
    router,
    "POST",
    WEBHOOKS,
    gives={201: Data[WebhookMade]},
    may=OWNS,
    example={"url": "https://agent.example.org/answers", "agentType": "PlannerAgent"},
)
def webhook_create(request: ApiRequest, project_id: Id, body: WebhookNew) -> Data[WebhookMade]:
    """Have answers to questions sent to an address; see docs/api/webhooks.md. Owners only."""
    assert isinstance(request.caller, PersonCaller)
    row, secret = webhooks.create_webhook(
        project_id, request.caller.user, url=body.url, agent_type=body.agent_type
    )
    return Data(data=WebhookMade(**_shown(row).model_dump(), secret=secret))


@operation(router, "DELETE", WEBHOOK, gives={200: Done}, may=OWNS_ALSO_ARCHIVED)
def webhook_delete(request: ApiRequest, project_id: Id, webhook_id: Id) -> Done:
    """Send nothing there any more; what waits is dropped. Owners only."""
    webhooks.delete_webhook(project_id, webhook_id)
    return Done(message="Deleted.")


@operation(router, "POST", f"{WEBHOOK}/test", gives={202: Done}, may=OWNS)
def webhook_test(request: ApiRequest, project_id: Id, webhook_id: Id) -> Done:
    """Send a `ping` there. Owners only; how it went is in the deliveries."""
    webhooks.send_test(project_id, webhook_id)
    return Done(message="On its way.")


@operation(router, "GET", "/webhook-deliveries", gives={200: List[DeliveryShown]}, may=OWNER_READS)
def delivery_list(request: ApiRequest, project_id: Id, query: Page) -> List[DeliveryShown]:
    """The delivery log, newest first. Owners only."""
    return by_time(WebhookDelivery.objects.filter(project_id=project_id), "created_at", query, _delivery)


def _shown(row: Webhook) -> WebhookShown:
    return WebhookShown(
        id=row.id,
        url=row.url,
        agent_type=row.agent_type,
        created_by=str(row.created_by),
        created_at=row.created_at,
    )


def _delivery(row: WebhookDelivery) -> DeliveryShown:
    return DeliveryShown.model_validate(row, from_attributes=True)
