"""A place in a list that is ordered by time, newest first: the cursor of its next page."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q

Model = TypeVar("Model", bound=models.Model)


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


def newest_page(found: models.QuerySet[Model], column: str, older: str, most: int) -> tuple[list[Model], str]:
    """A page of rows, the newest by `column` first, and the cursor of the next page or "".

    `older` is such a cursor, or "" for the first page. Raises ValueError for anything else.
    """
    if older:
        moment, last_id = parse_place(older)
        found = found.filter(Q(**{f"{column}__lt": moment}) | Q(**{column: moment, "id__lt": last_id}))
    rows = list(found.order_by(f"-{column}", "-id")[: most + 1])
    shown = rows[:most]
    last = shown[-1] if len(rows) > most else None
    return shown, place(getattr(last, column), last.pk) if last else ""
