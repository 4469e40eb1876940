"""Arrays as one text: PostgreSQL reads what was meant, or is not asked."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.db import connection

from sessions_app.db.arrays import as_array


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([uuid4(), None, uuid4()], "uuid"),
        ([True, None, False], "boolean"),
        ([dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)], "timestamptz"),
        (["NULL", "", "a,b", "{c}", None], "text"),
        ([], "uuid"),
    ],
)
def test_it_is_read_as_it_was_meant(database: None, values: list[object], kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select %s::text::{kind}[]", [as_array(values)])
        assert cursor.fetchone() == (values,)


@pytest.mark.parametrize("value", ['a"b', '"', '","', "a\\b", '\\"'])
def test_what_would_be_read_otherwise_is_refused(value: str) -> None:
    for values in ([value], [None, value, "c"]):
        with pytest.raises(ValueError, match="quotation mark"):
            as_array(values)
