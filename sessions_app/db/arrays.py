"""Arrays as one text: a driver writes them piece by piece, which takes it longer than all the rest."""

from __future__ import annotations

from collections.abc import Iterable


def as_array(values: Iterable[object]) -> str:
    """These as PostgreSQL reads an array of the type that the statement names.

    Of ids, keys, times, and yes or no: nothing in them wants to be quoted.
    """
    return "{" + ",".join("NULL" if value is None else f'"{value}"' for value in values) + "}"
