"""A place in a list that is ordered by time, newest first: the cursor of its next page."""

from __future__ import annotations

import datetime as dt
from uuid import UUID


def place(moment: dt.datetime, row_id: UUID) -> str:
    """The cursor of what follows this row; the id tells rows of one moment apart."""
    return f"{moment.isoformat()}~{row_id}"


def parse_place(cursor: str) -> tuple[dt.datetime, UUID]:
    """Read a cursor. Raises ValueError for anything else."""
    text, _, row_id = cursor.partition("~")
    # A "+" in a query is a space by the rules of forms.
    moment = dt.datetime.fromisoformat(text.replace(" ", "+"))
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone")
    return moment, UUID(row_id)
