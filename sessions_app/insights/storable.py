"""What of a text can be stored at all."""

from __future__ import annotations

import re

# PostgreSQL stores neither NUL nor half a surrogate pair; the latter does not even reach it.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can store it."""
    return _NOT_STORABLE.search(text) is None
