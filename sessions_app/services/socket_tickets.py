"""Tickets for sockets: whoever can send no bearer there shows one, once, soon."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from uuid import UUID

from sessions_app import clock
from sessions_app.models import SocketTicket
from sessions_app.services.bearers import Caller, PersonCaller

PREFIX = "lot_"
SECRET_BYTES = 32
TICKET_SECONDS = 60


def make_ticket(caller: Caller, project_id: UUID) -> str:
    """A ticket that opens one socket of this project for the caller, within TICKET_SECONDS."""
    now = clock.now()
    SocketTicket.objects.filter(project_id=project_id, expires_at__lt=now).delete()
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    is_person = isinstance(caller, PersonCaller)
    SocketTicket.objects.create(
        project_id=project_id,
        secret_hash=_hash(secret),
        user_id=caller.user.id if is_person else None,
        sign_in_id=caller.sign_in_id if is_person else None,
        agent_token_id=None if is_person else caller.token_id,
        expires_at=now + dt.timedelta(seconds=TICKET_SECONDS),
    )
    return secret


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
