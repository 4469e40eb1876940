"""How often one token may call."""

from __future__ import annotations

import logging

from django.conf import settings
from redis.exceptions import RedisError

from sessions_app.services import limits

logger = logging.getLogger(__name__)


def count(caller: str) -> None:
    """Count one call of this caller's. Raises TooMany past API_CALLS_PER_MINUTE in this minute.

    A Redis that is away counts nothing: it must not keep anybody from working.
    """
    try:
        limits.count(f"api-calls:{caller}", most=settings.API_CALLS_PER_MINUTE, seconds=60)
    except RedisError as trouble:
        logger.warning("calls cannot be counted now: %s", trouble)
