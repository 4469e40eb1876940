"""The one exception callers of this package have to know."""

from __future__ import annotations


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used; the text says why and what to do about it."""
