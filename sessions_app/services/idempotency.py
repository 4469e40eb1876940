"""Idempotency keys: a POST that was done is told again, never done again.

The rules are those of the draft "The Idempotency-Key HTTP Header Field", as DESIGN section 5 lists them.
The key's row is written in the transaction of the work itself: both are there or neither, whatever is
killed in between.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.db import connection
from django.db.models import QuerySet

from sessions_app import clock
from sessions_app.models import IdempotencyKey
from sessions_app.sealing import seal, unseal
from sessions_app.services.errors import Conflict, Invalid

KEPT_HOURS = 24
PURPOSE = "answers under idempotency keys"


@dataclass(frozen=True)
class Told:
    """An answer as it went out."""

    status: int
    content_type: str
    body: str


@dataclass(frozen=True)
class Use:
    """One use of a key: by whom, for which route, with which body."""

    caller: str
    route: str
    key: str
    body: bytes

    @property
    def body_hash(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def told_before(use: Use) -> Told | None:
    """The answer that was given under this key, or None: then the work may be done now.

    Runs in the transaction of the work and holds the key until it ends. Raises Conflict while the
    first request is under way, or where its answer cannot be unsealed; Invalid for a key that was used
    with another body.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            ["\n".join((use.caller, use.route, use.key))],
        )
        if not cursor.fetchone()[0]:
            raise Conflict("The first request with this Idempotency-Key is still under way.")
    known = IdempotencyKey.objects.filter(caller=use.caller, route=use.route, key=use.key).first()
    if known is None:
        return None
    if known.created_at < clock.now() - dt.timedelta(hours=KEPT_HOURS):
        known.delete()
        return None
    if known.body_hash != use.body_hash:
        raise Invalid("Idempotency-Key", "was used with another body: take a new key.")
    try:
        return Told(**json.loads(unseal(known.answer, PURPOSE)))
    except InvalidToken:
        # Sealed with another SECRET_KEY than today's. Doing the work again would be doing it twice.
        raise Conflict("This was done before, and what was answered then cannot be read any more.") from None


def keep(use: Use, told: Told) -> None:
    """Keep the answer of work that was done, in its transaction."""
    answer = {"status": told.status, "content_type": told.content_type, "body": told.body}
    IdempotencyKey.objects.create(
        caller=use.caller,
        route=use.route,
        key=use.key,
        body_hash=use.body_hash,
        answer=seal(json.dumps(answer), PURPOSE),
        created_at=clock.now(),
    )


def old(now: dt.datetime) -> QuerySet[IdempotencyKey]:
    """The keys past KEPT_HOURS."""
    return IdempotencyKey.objects.filter(created_at__lt=now - dt.timedelta(hours=KEPT_HOURS))
