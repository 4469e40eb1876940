"""What waits for webhooks is sent: several at a time, so that a slow one holds up none but its own."""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.db import connections

from sessions_app import clock, sealing
from sessions_app.outgoing.posting import post
from sessions_app.outgoing.signing import signed_headers
from sessions_app.services import deliveries
from sessions_app.services.deliveries import Claimed, Outcome
from sessions_app.services.errors import Invalid
from sessions_app.services.webhooks import PURPOSE, check_url

logger = logging.getLogger(__name__)

AT_A_TIME = 16
# While something is under way it looks this often for what came in meanwhile.
LOOK_EVERY_SECONDS = 0.5
# Then nothing more is begun: whoever started this has a limit.
BEGIN_FOR_SECONDS = 40.0
USER_AGENT = "Leftoff-Webhooks"


def send_due(begin_for_seconds: float = BEGIN_FOR_SECONDS) -> int:
    """Send what is due, and what becomes due meanwhile; returns how many tries were made.

    Ends when nothing is under way and nothing due. What is not begun after `begin_for_seconds` is left.
    """
    until = time.monotonic() + begin_for_seconds
    under_way: dict[Future[None], UUID] = {}
    begun = 0
    while True:
        if time.monotonic() < until and len(under_way) < AT_A_TIME:
            for claimed in deliveries.claim(AT_A_TIME - len(under_way), set(under_way.values())):
                under_way[_begin(claimed)] = claimed.webhook_id
                begun += 1
        if not under_way:
            return begun
        done, _ = wait(under_way, timeout=LOOK_EVERY_SECONDS, return_when=FIRST_COMPLETED)
        for each in done:
            del under_way[each]


def send(claimed: Claimed) -> Outcome:
    """Make one try; says how it went and changes nothing."""
    try:
        url = check_url(claimed.url)
        secret = sealing.unseal(claimed.secret, PURPOSE)
    except Invalid as not_now:
        # It was allowed when it was made.
        return Outcome(error=f"its address {not_now.rule}")
    except InvalidToken:
        return Outcome(error="its secret is sealed with an earlier SECRET_KEY: make it anew", is_final=True)
    body = json.dumps(claimed.payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = signed_headers(secret, str(claimed.id), int(clock.now().timestamp()), body)
    headers |= {"Content-Type": "application/json", "User-Agent": USER_AGENT, "Connection": "close"}
    return post(url, headers, body)


def _begin(claimed: Claimed) -> Future[None]:
    """Send in a thread that nobody has to wait for: a worker that stops leaves the try to the next."""
    outcome: Future[None] = Future()
    run = contextvars.copy_context().run
    threading.Thread(
        target=run, args=[_send_and_settle, claimed, outcome], name="webhook", daemon=True
    ).start()
    return outcome


def _send_and_settle(claimed: Claimed, outcome: Future[None]) -> None:
    try:
        deliveries.settle(claimed, send(claimed))
    except Exception:
        # Its lease ends by itself, and it is tried again.
        logger.exception("delivery %s was not settled", claimed.id)
    finally:
        connections.close_all()
        outcome.set_result(None)
