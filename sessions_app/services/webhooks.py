"""Webhooks: addresses that are told how the questions of agents ended."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from sessions_app import clock, ledger, sealing
from sessions_app.ledger import Actor, Change, Outgoing
from sessions_app.models import Project, Question, QuestionItem, User, Webhook, WebhookDelivery
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.questions import QuestionStatus
from sessions_app.models.webhooks import URL_MAX_CHARACTERS
from sessions_app.services.errors import Conflict, Invalid, NotFound
from sessions_app.services.texts import clean_line

MOST_PER_PROJECT = 10
PURPOSE = "webhook secrets"
# As the Standard Webhooks specification wants it: receivers' libraries take it as it is.
PREFIX = "whsec_"
SECRET_BYTES = 32
PING = "ping"


def create_webhook(project_id: UUID, owner: User, *, url: str, agent_type: str = "") -> tuple[Webhook, str]:
    """Let an address be told how questions end; returns its row and its secret, which is shown once.

    With an `agent_type` it hears of that agent's questions only. Raises Invalid, and Conflict when the
    project has MOST_PER_PROJECT already.
    """
    url = check_url(clean_line(url, "url", most=URL_MAX_CHARACTERS))
    agent_type = clean_line(agent_type, "agent_type", most=AGENT_TYPE_MAX_CHARACTERS, required=False)
    secret = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    # The project's lock: two at once would both count one too few.
    with ledger.change(project_id, Actor.person(owner)):
        if Webhook.objects.filter(project_id=project_id).count() >= MOST_PER_PROJECT:
            raise Conflict(f"A project has at most {MOST_PER_PROJECT} webhooks. Delete one first.")
        webhook = Webhook.objects.create(
            project_id=project_id,
            url=url,
            agent_type=agent_type,
            secret=sealing.seal(secret, PURPOSE),
            created_by=owner,
            created_at=clock.now(),
        )
    return webhook, secret


def delete_webhook(project_id: UUID, webhook_id: UUID) -> None:
    """Tell an address nothing more; what waits for it and its log go with it. Raises NotFound."""
    _get(project_id, webhook_id).delete()


def delete_made_by(project_id: UUID, user_id: UUID) -> None:
    """Delete the webhooks of somebody who may no longer make any: they would go on listening."""
    Webhook.objects.filter(project_id=project_id, created_by_id=user_id).delete()


def send_test(project_id: UUID, webhook_id: UUID) -> WebhookDelivery:
    """Queue a `ping` for one webhook. Raises NotFound."""
    webhook = _get(project_id, webhook_id)
    project = Project.objects.get(id=project_id)
    return _queue([webhook], PING, clock.now(), {"project": _project(project)})[0]


def queue_question_ended(change: Change, question: Question) -> None:
    """Queue, in the transaction that ended it, how a question ended, for all who want to hear of it.

    The row is the job: it is there if the answer is, and only then.
    """
    listeners = Webhook.objects.filter(project_id=change.project_id, agent_type__in=("", question.agent_type))
    if not (webhooks := list(listeners)):
        return
    project = Project.objects.get(id=change.project_id)
    data = {"project": _project(project), "question": _question(question, change.actor)}
    _queue(webhooks, f"question.{question.status}", change.now, data)


def check_url(url: str) -> str:
    """Return an address that deliveries may go to. Raises Invalid.

    What its name leads to is looked at when it is connected to: that may change at any time.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as bad:
        raise Invalid("url", "is not an address.") from bad
    schemes = ("https", "http") if settings.WEBHOOK_ALLOW_PRIVATE else ("https",)
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise Invalid("url", f"must be an address that begins with {schemes[0]}://.")
    if parts.username is not None or parts.password is not None:
        raise Invalid("url", "must not hold a user name or password.")
    if parts.fragment or "#" in url:
        raise Invalid("url", "must not hold a fragment (#…).")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid("url", "must hold ASCII characters only: host names as xn--…, others as %….")
    return url


def _queue(
    webhooks: Iterable[Webhook], event: str, moment: dt.datetime, data: dict[str, Any]
) -> list[WebhookDelivery]:
    payload = {"type": event, "timestamp": moment.isoformat(), "data": data}
    rows = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            project_id=webhook.project_id,
            webhook=webhook,
            event=event,
            payload=payload,
            next_try_at=moment,
            created_at=moment,
        )
        for webhook in webhooks
    )
    ledger.announce(Outgoing(rows[0].project_id))
    return rows


def _project(project: Project) -> dict[str, str]:
    return {"id": str(project.id), "title": project.title}


def _question(question: Question, actor: Actor) -> dict[str, Any]:
    assert question.ended_at is not None
    answered = question.status == QuestionStatus.ANSWERED
    waiting = QuestionItem.objects.filter(question_id=question.id).values_list("item_id", flat=True)
    return {
        "id": str(question.id),
        "text": question.text,
        "agentType": question.agent_type,
        "status": str(question.status),
        "answer": question.answer if answered else None,
        "answeredBy": actor.name if answered else None,
        "endedHow": question.ended_how or None,
        "endedAt": question.ended_at.isoformat(),
        "blocks": sorted(str(item_id) for item_id in waiting),
    }


def _get(project_id: UUID, webhook_id: UUID) -> Webhook:
    webhook = Webhook.objects.filter(project_id=project_id, id=webhook_id).first()
    if webhook is None:
        raise NotFound("This webhook is not there any more.")
    return webhook
