"""Where browsers fetch the static files, if not from here."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def cdn_origin(address: str) -> str:
    """The origin of STATIC_CDN_URL, which pages may then load from; "" without one.

    Raises ImproperlyConfigured for anything but an https address without a query.
    """
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ImproperlyConfigured("STATIC_CDN_URL must be an address like https://cdn.example.org.")
    return f"https://{parts.netloc}"
