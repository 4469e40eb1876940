"""What the intake refused, as the owners of its project are told."""

from __future__ import annotations

from sessions_app.services.errors import (
    Archived,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    ServiceError,
    TooLong,
    TooMany,
    Unavailable,
)

# The finer kinds before those they are kinds of.
_REASONS: dict[type[ServiceError], str] = {
    TooLong: "too-large",
    Invalid: "bad-value",
    Archived: "archived",
    Conflict: "conflict",
    NotAllowed: "no-right",
    NotFound: "not-there",
    TooMany: "rate-limit",
    Unavailable: "unavailable",
}


def reason_of(refused: ServiceError) -> str:
    """Which word of metrics/intake.py says why."""
    return next((word for kind, word in _REASONS.items() if isinstance(refused, kind)), "bad-value")
