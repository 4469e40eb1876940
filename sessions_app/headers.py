"""The headers that every answer carries, whoever makes it: Django, MCP's door, or the server itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from csp.utils import build_policy
from django.conf import settings

# Nothing here asks for any of these, so nothing that slipped into a page may either.
_NO_DEVICES = ", ".join(
    f"{name}=()" for name in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)


@cache
def of_every_answer() -> Mapping[str, str]:
    """What tells a browser how little an answer of ours may do."""
    return {
        # In one order in every process.
        "Content-Security-Policy": "; ".join(sorted(build_policy().split("; "))),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": _NO_DEVICES,
    }


@cache
def beside_django() -> Mapping[str, str]:
    """The same for an answer that Django's middleware never sees, which nobody keeps.

    Strict-Transport-Security is among it wherever people come by TLS: whether this request did is not always
    known here, and a browser ignores the header where it did not.
    """
    kept = {"Cache-Control": "no-store, private"}
    if settings.SECURE_HSTS_SECONDS:
        hsts = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
        kept["Strict-Transport-Security"] = hsts
    return {**of_every_answer(), **kept}
