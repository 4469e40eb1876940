"""The external issuer whose access tokens are trusted: all of it is said, or nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
# As much as the table of those who were linked holds.
ISSUER_MAX_CHARACTERS = 300


def check_issuer(issuer: str, jwks_url: str, audience: str) -> None:
    """Raise ImproperlyConfigured for half an issuer, or for keys that anybody on the way could replace."""
    given = {"OIDC_ISSUER": issuer, "OIDC_JWKS_URL": jwks_url, "OIDC_AUDIENCE": audience}
    missing = [name for name, value in given.items() if not value]
    if missing == list(given):
        return
    if missing:
        raise ImproperlyConfigured(f"Set {' and '.join(missing)} too, or none of {', '.join(given)}.")
    if len(issuer) > ISSUER_MAX_CHARACTERS:
        raise ImproperlyConfigured(f"OIDC_ISSUER must have at most {ISSUER_MAX_CHARACTERS} characters.")
    address = urlsplit(jwks_url)
    is_safe = address.scheme == "https" or (address.scheme == "http" and address.hostname in _THIS_MACHINE)
    if not is_safe or not address.hostname:
        raise ImproperlyConfigured("OIDC_JWKS_URL must be an https address.")
