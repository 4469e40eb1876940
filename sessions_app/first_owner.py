"""The one-time link for the first owner of an installation that has no account yet."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.urls import reverse

SECRET_BYTES = 24


def first_owner_link() -> str:
    """The link's full address; its secret is made once and kept (0600) in the data folder."""
    file = _file()
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(SECRET_BYTES))
    return str(settings.BASE_URL) + reverse("first_owner", args=[file.read_text()])


def is_first_owner_secret(secret: str) -> bool:
    """Whether this is the secret of the link; the caller also checks that nobody has an account."""
    file = _file()
    return file.exists() and hmac.compare_digest(file.read_text().encode(), secret.encode())


def _file() -> Path:
    return Path(settings.DATA_DIR) / "first_owner_link"
