"""A list by time, a page at a time: the cursor of the next page is a place, so all pages cost the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q

Model = TypeVar("Model", bound=models.Model)

# How much of a list is shown where only its beginning is.
ROWS_SHOWN = 20


@dataclass(frozen=True)
class Counted(Generic[Model]):
    """A page of a list: its `rows`, the cursor of the `next` page or "", and the `whole` list unread."""

    rows: list[Model]
    next: str
    whole: models.QuerySet[Model]

    @cached_property
    def total(self) -> int:
        """How many rows there are on all pages; counted where it is shown."""
        return self.whole.count()


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


def place_in_halves(is_first: bool, moment: dt.datetime, row_id: UUID) -> str:
    """The cursor in a list of two halves, each by time: in which of them, and the place there."""
    return f"{'first' if is_first else 'then'}~{place(moment, row_id)}"


def parse_place_in_halves(cursor: str) -> tuple[bool, dt.datetime, UUID]:
    """Read such a cursor. Raises ValueError for anything else."""
    half, _, rest = cursor.partition("~")
    if half not in ("first", "then"):
        raise ValueError("neither half")
    return half == "first", *parse_place(rest)


def id_before(row_id: UUID) -> UUID:
    """With it for its own, the cursor of a row is that of the page that begins with it, the oldest first."""
    return UUID(int=max(0, row_id.int - 1))


def id_after(row_id: UUID) -> UUID:
    """The same where the newest come first."""
    return UUID(int=min(2**128 - 1, row_id.int + 1))


def newest_page(found: models.QuerySet[Model], column: str, older: str, most: int) -> tuple[list[Model], str]:
    """A page of rows, the newest by `column` first, and the cursor of the next page or "".

    `older` is such a cursor, or "" for the first page. Raises ValueError for anything else.
    """
    if older:
        moment, last_id = parse_place(older)
        found = found.filter(Q(**{f"{column}__lt": moment}) | Q(**{column: moment, "id__lt": last_id}))
    return _first(found.order_by(f"-{column}", "-id"), column, most)


def oldest_page(found: models.QuerySet[Model], column: str, newer: str, most: int) -> tuple[list[Model], str]:
    """Like `newest_page`, the oldest first."""
    if newer:
        moment, last_id = parse_place(newer)
        found = found.filter(Q(**{f"{column}__gt": moment}) | Q(**{column: moment, "id__gt": last_id}))
    return _first(found.order_by(column, "id"), column, most)


def _first(found: models.QuerySet[Model], column: str, most: int) -> tuple[list[Model], str]:
    # One more than is shown tells whether there is a next page.
    rows = list(found[: most + 1])
    shown = rows[:most]
    return shown, place(getattr(shown[-1], column), shown[-1].pk) if len(rows) > most else ""
