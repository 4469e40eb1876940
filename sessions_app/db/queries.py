"""Statements that live in sql/queries/, read once and run with named parameters."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from django.db import connection

_DIR = Path(__file__).resolve().parent.parent / "sql" / "queries"


def rows(name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Run `sql/queries/<name>.sql`; returns its rows as dictionaries, jsonb already read."""
    with connection.cursor() as cursor:
        cursor.execute(text(name), parameters)
        columns = [column.name for column in cursor.description]
        is_json = [column.type_code == _JSONB for column in cursor.description]
        return [
            {
                key: json.loads(value) if as_json and isinstance(value, str) else value
                for key, value, as_json in zip(columns, row, is_json, strict=True)
            }
            for row in cursor.fetchall()
        ]


# PostgreSQL's own number of the type; Django's connection hands it over as text.
_JSONB = 3802


@functools.cache
def text(name: str) -> str:
    """The statement in `sql/queries/<name>.sql`."""
    return (_DIR / f"{name}.sql").read_text(encoding="utf-8")
