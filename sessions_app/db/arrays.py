"""Arrays as one text: a driver writes them piece by piece, which takes it longer than all the rest."""

from __future__ import annotations

from collections.abc import Iterable


def as_array(values: Iterable[object]) -> str:
    """These as PostgreSQL reads an array of the type that the statement names.

    Of ids, keys, times, and yes or no: nothing in them wants to be escaped. Raises ValueError where something
    does, which would be read as other values than these.
    """
    pieces = ["NULL" if value is None else f'"{value}"' for value in values]
    array = "{" + ",".join(pieces) + "}"
    # Two around each value that is there; looked for in all at once, which costs next to nothing.
    if "\\" in array or array.count('"') != 2 * (len(pieces) - pieces.count("NULL")):
        raise ValueError("a quotation mark or a backslash in an array")
    return array
