"""Where a browser says that it comes from, which may be anything."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def own_path(address: str, host: str) -> str:
    """The path and query of an address at this host; "" for any other, and for what is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    # With two slashes it would lead to another host.
    if parts.netloc != host or parts.path.startswith("//"):
        return ""
    return urlunsplit(("", "", parts.path, parts.query, ""))
