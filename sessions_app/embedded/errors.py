"""The one exception callers of this package have to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used; the text says why and what to do about it."""


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what the system refuses into an EmbeddedError."""
    try:
        yield
    except PermissionError as error:
        raise EmbeddedError(
            f"This system user may not use {error.filename}. Start as the user who started it before, "
            "or set DATA_DIR to a folder of your own."
        ) from error
    except OSError as error:
        raise EmbeddedError(f"The database cannot be started or reached: {error}") from error
