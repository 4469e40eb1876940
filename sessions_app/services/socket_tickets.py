"""Tickets for sockets: whoever can send no bearer there shows one, once, soon."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from sessions_app import clock
from sessions_app.models import SocketTicket
from sessions_app.services.bearers import AgentCaller, Caller, PersonCaller

PREFIX = "lot_"
SECRET_BYTES = 32
TICKET_SECONDS = 60


@dataclass(frozen=True)
class Taken:
    """Whose a ticket was: a person's (by this sign-in; None: of the external issuer) or an agent token's."""

    project_id: UUID
    user_id: UUID | None
    sign_in_id: UUID | None
    agent_token_id: UUID | None


def make_ticket(caller: Caller, project_id: UUID) -> str:
    """A ticket that opens one socket of this project for the caller, within TICKET_SECONDS."""
    now = clock.now()
    SocketTicket.objects.filter(project_id=project_id, expires_at__lt=now).delete()
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    ticket = SocketTicket(
        project_id=project_id,
        secret_hash=_hash(secret),
        expires_at=now + dt.timedelta(seconds=TICKET_SECONDS),
    )
    match caller:
        case PersonCaller():
            ticket.user_id, ticket.sign_in_id = caller.user.id, caller.sign_in_id
        case AgentCaller():
            ticket.agent_token_id = caller.token_id
    ticket.save(force_insert=True)
    return secret


def take(secret: str) -> Taken | None:
    """Use a ticket up; None for one that is unknown, used or over.

    What its holder may now is not looked at: that is as it is for everybody.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select project_id, user_id, sign_in_id, agent_token_id from take_socket_ticket(%s)",
            [_hash(secret)],
        )
        row = cursor.fetchone()
    return Taken(*row) if row else None


def old(now: dt.datetime) -> QuerySet[SocketTicket]:
    """The tickets nobody can use any more."""
    return SocketTicket.objects.filter(expires_at__lt=now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
