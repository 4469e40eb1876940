"""The secret key: from the environment, or made once and kept beside the embedded data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 48
SHORTEST_KEY_CHARACTERS = 50
SHORTEST_TOKEN_CHARACTERS = 20


def secret_key(from_environment: str, data_dir: Path, *, may_make: bool) -> str:
    """Return the key that signs cookies and links.

    Arguments: the SECRET_KEY variable ("" when unset); the data folder; whether a key may be made
    there (only with the embedded database). Raises ImproperlyConfigured saying what to set.
    """
    if from_environment:
        if len(from_environment) < SHORTEST_KEY_CHARACTERS:
            raise ImproperlyConfigured(
                f"SECRET_KEY is too short: it needs at least {SHORTEST_KEY_CHARACTERS} random characters."
            )
        return from_environment
    if not may_make:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. With DATABASE_URL set it is required: "
            'python -c "import secrets; print(secrets.token_urlsafe(48))" makes one.'
        )
    return _kept_key(data_dir / "secret_key")


def check_metrics_token(token: str) -> None:
    """Raise ImproperlyConfigured for a token that could be guessed; "" is none."""
    if token and len(token) < SHORTEST_TOKEN_CHARACTERS:
        raise ImproperlyConfigured(
            f"METRICS_TOKEN is too short: it needs at least {SHORTEST_TOKEN_CHARACTERS} random characters."
        )


def _kept_key(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        # Written aside and linked into place: of several first starts at once one key wins whole.
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(KEY_BYTES))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()
