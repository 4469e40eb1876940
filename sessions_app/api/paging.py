"""Lists a page at a time, by keyset: a page costs the same wherever it begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import models

from sessions_app.api.reading import Page
from sessions_app.api.showing import List
from sessions_app.panels.paging import newest_page, oldest_page
from sessions_app.services.errors import Invalid

Model = TypeVar("Model", bound=models.Model)
Given = TypeVar("Given")

NOT_A_CURSOR = "must be what the page before said is next."


def by_time(
    rows: models.QuerySet[Model],
    column: str,
    page: Page,
    shown: Callable[[Model], Given],
    *,
    newest_first: bool = True,
) -> List[Given]:
    """A page, by the time in `column`; the id tells rows of one moment apart.

    Raises Invalid for a cursor that is none.
    """
    read = newest_page if newest_first else oldest_page
    try:
        found, cursor = read(rows, column, page.cursor, page.limit)
    except (ValueError, OverflowError) as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
    return List(data=[shown(row) for row in found], next=cursor or None)
