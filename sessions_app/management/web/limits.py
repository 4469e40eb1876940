"""How long a browser may take to ask, and how much, by either version of HTTP."""

from __future__ import annotations

from django.conf import settings

# From the first byte of a request to the end of its headers, and from there to the end of its body.
HEADERS_SECONDS = 15.0
BODY_SECONDS = 60.0
# Of one header, with its name.
HEADER_BYTES = 16 * 1024
# Django refuses a form that is a little too large with a page; what is larger never gets that far.
BODY_SPARE_BYTES = 64 * 1024


def is_too_large(body_bytes: int) -> bool:
    """Whether a body has no chance of being taken."""
    return body_bytes > settings.DATA_UPLOAD_MAX_MEMORY_SIZE + BODY_SPARE_BYTES
