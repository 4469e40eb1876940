"""The passwords of the embedded server's roles: random, made once, in a file only its user reads."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping

from .errors import EmbeddedError
from .place import Place, write_private

# 24 random bytes are 192 bits; nobody types these, so length costs nothing.
PASSWORD_BYTES = 24


def ensure_passwords(place: Place, roles: Iterable[str]) -> Mapping[str, str]:
    """Return the passwords by role, after making and storing those that are missing.

    Call it under the lock, and before `initdb`: a first start killed halfway then finds the
    password which the data was given.

    Args:
        place: the server's place.
        roles: the roles that need a password.

    Raises:
        EmbeddedError: there is data, but the file with its passwords is gone or unreadable.
    """
    if place.is_initialised():
        known = read_passwords(place)
    else:
        known = read_passwords(place) if place.passwords.exists() else {}
    missing = {role: secrets.token_urlsafe(PASSWORD_BYTES) for role in roles if role not in known}
    if missing:
        known = {**known, **missing}
        write_private(place.passwords, json.dumps(known, indent=2) + "\n")
    return known


def read_passwords(place: Place) -> Mapping[str, str]:
    """Return the stored passwords by role.

    Raises:
        EmbeddedError: the file is missing or does not hold passwords.
    """
    try:
        known = json.loads(place.passwords.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EmbeddedError(
            f"The database in {place.data} has lost its passwords: {place.passwords} is missing. "
            "Put the file back, for instance from a back-up."
        ) from None
    except ValueError:
        known = None
    if not isinstance(known, dict) or not all(isinstance(value, str) for value in known.values()):
        raise EmbeddedError(f"{place.passwords} does not hold passwords. Put it back from a back-up.")
    return known
