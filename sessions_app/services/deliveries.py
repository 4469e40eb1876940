"""Deliveries to webhooks: claimed before they are sent, settled afterwards, forgotten in the end.

A claim is a lease: it moves the next try forward and counts the try, in a transaction of its own before
anything is sent. Whoever dies with a claim gives it back by doing nothing, and a try that kills its
sender is given up like any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min, QuerySet

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.models import WebhookDelivery
from sessions_app.models.webhooks import DeliveryStatus

# Seconds from a try that failed to the next one; after the last it is given up, nine hours later.
WAITS = (10, 60, 300, 1800, 7200, 21600)
MOST_TRIES = len(WAITS) + 1
# Longer than any try takes.
LEASE = dt.timedelta(seconds=60)
KEPT = dt.timedelta(days=30)
ERROR_MAX_CHARACTERS = 200


@dataclass(frozen=True)
class Claimed:
    """A delivery that is the caller's to send, now."""

    id: UUID
    project_id: UUID
    webhook_id: UUID
    url: str
    # Sealed, see services/webhooks.py.
    secret: str
    payload: dict[str, Any]
    # Which try this is, from 1.
    tries: int


@dataclass(frozen=True)
class Outcome:
    """How a try went: the HTTP status if there was one, and what was wrong; `is_final`: never try again."""

    status: int | None = None
    error: str = ""
    is_final: bool = False


@retrying
def claim(most: int, but_not: Collection[UUID] = ()) -> list[Claimed]:
    """Claim what is due, the longest waiting first: at most one for each webhook, none of `but_not`."""
    now = clock.now()
    with acting_as_system(_projects_due(now)):
        due = WebhookDelivery.objects.filter(status=DeliveryStatus.WAITING, next_try_at__lte=now).exclude(
            webhook_id__in=but_not
        )
        first_of_each = due.order_by("webhook_id", "next_try_at", "created_at", "id").distinct("webhook_id")
        rows = (
            due.filter(id__in=first_of_each.values("id"))
            .select_related("webhook")
            .order_by("next_try_at", "created_at", "id")
            # What another sender is claiming at this moment is no longer ours to wait for.
            .select_for_update(skip_locked=True, of=("self",))[:most]
        )
        return [_claimed(row, now) for row in rows if not _is_given_up(row, now)]


@retrying
def settle(claimed: Claimed, outcome: Outcome) -> None:
    """Note how a try went: delivered, to be tried again, or failed."""
    now = clock.now()
    with acting_as_system([claimed.project_id]):
        row = (
            WebhookDelivery.objects.select_for_update()
            .filter(id=claimed.id, status=DeliveryStatus.WAITING)
            .first()
        )
        # Its webhook was deleted meanwhile; or it took so long that another sender came to try.
        if row is None or (outcome.error and row.tries != claimed.tries):
            return
        row.last_status, row.last_error = outcome.status, outcome.error[:ERROR_MAX_CHARACTERS]
        if not outcome.error:
            _end(row, DeliveryStatus.DELIVERED, now)
        elif outcome.is_final or row.tries >= MOST_TRIES:
            _end(row, DeliveryStatus.FAILED, now)
        else:
            row.next_try_at = now + dt.timedelta(seconds=WAITS[row.tries - 1])
        row.save(update_fields=["status", "payload", "next_try_at", "last_status", "last_error", "ended_at"])


def next_try_at(before: dt.datetime) -> dt.datetime | None:
    """When the next delivery is due, if that is before `before`; it may be past already."""
    with acting_as_system(_projects_due(before)):
        waiting = WebhookDelivery.objects.filter(status=DeliveryStatus.WAITING, next_try_at__lte=before)
        found: dt.datetime | None = waiting.aggregate(first=Min("next_try_at"))["first"]
        return found


def old(now: dt.datetime) -> QuerySet[WebhookDelivery]:
    """The deliveries that ended more than KEPT ago."""
    return WebhookDelivery.objects.filter(ended_at__lt=now - KEPT)


def _projects_due(now: dt.datetime) -> list[UUID]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select project_id from projects_with_deliveries(%s)", [now])
        return [row[0] for row in cursor.fetchall()]


def _is_given_up(row: WebhookDelivery, now: dt.datetime) -> bool:
    """End a delivery whose last try was never settled: its sender died with it."""
    if row.tries < MOST_TRIES:
        return False
    row.last_status, row.last_error = None, "the last try did not come to an end"
    _end(row, DeliveryStatus.FAILED, now)
    row.save(update_fields=["status", "payload", "last_status", "last_error", "ended_at"])
    return True


def _claimed(row: WebhookDelivery, now: dt.datetime) -> Claimed:
    row.tries += 1
    row.next_try_at = now + LEASE
    row.save(update_fields=["tries", "next_try_at"])
    webhook = row.webhook
    return Claimed(row.id, row.project_id, webhook.id, webhook.url, webhook.secret, row.payload, row.tries)


def _end(row: WebhookDelivery, status: DeliveryStatus, now: dt.datetime) -> None:
    row.status, row.ended_at = status, now
    # The log needs the event only; texts and names of people stay no longer than they have to.
    row.payload = {}
