"""Signatures by the Standard Webhooks specification: https://www.standardwebhooks.com."""

from __future__ import annotations

import base64
import hashlib
import hmac

from sessions_app.services.webhooks import PREFIX


def signed_headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers that tell a receiver who sent this body, and when.

    `secret` is `whsec_…` as its owner was shown it, `timestamp` seconds since 1970.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
