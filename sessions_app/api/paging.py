"""Lists a page at a time, by keyset: a page costs the same wherever it begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from sessions_app.api.reading import Page
from sessions_app.api.showing import List
from sessions_app.panels.paging import parse_place, place
from sessions_app.services.errors import Invalid

Model = TypeVar("Model", bound=models.Model)
Given = TypeVar("Given")

NOT_A_CURSOR = "must be what the page before said is next."


def by_time(
    rows: models.QuerySet[Model], column: str, page: Page, shown: Callable[[Model], Given]
) -> List[Given]:
    """A page, newest first by the time in `column`; the id tells rows of one moment apart.

    Raises Invalid for a cursor that is none.
    """
    if page.cursor:
        moment, last_id = _parsed(page.cursor)
        rows = rows.filter(Q(**{f"{column}__lt": moment}) | Q(**{column: moment, "id__lt": last_id}))
    found = list(rows.order_by(f"-{column}", "-id")[: page.limit + 1])
    given = found[: page.limit]
    last = given[-1] if len(found) > page.limit else None
    return List(
        data=[shown(row) for row in given],
        next=place(getattr(last, column), last.pk) if last else None,
    )


def _parsed(cursor: str) -> tuple[dt.datetime, UUID]:
    try:
        return parse_place(cursor)
    except (ValueError, OverflowError) as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
