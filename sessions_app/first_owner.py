"""The one-time link for the first owner of an installation that has no account yet."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac


def first_owner_link() -> str:
    """The link's full address, the same from every server of an installation."""
    return str(settings.BASE_URL) + reverse("first_owner", args=[_secret()])


def is_first_owner_secret(secret: str) -> bool:
    """Whether this is the secret of the link; the caller also checks that nobody has an account."""
    return hmac.compare_digest(_secret().encode(), secret.encode())


def _secret() -> str:
    # Of the key that all servers share: another than the one that printed the link may be asked.
    return salted_hmac("sessions_app.first_owner", "", algorithm="sha256").hexdigest()
