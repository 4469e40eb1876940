"""How a statement is to be carried out, and how long it may take, where PostgreSQL cannot know it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from sessions_app.db.backend.driver import GRACE_SECONDS


@contextmanager
def by_index() -> Iterator[None]:
    """Let statements inside walk an index that has the order they ask for, rather than sort all they find.

    Row security asks for `project_id = any(array(…))`, of which PostgreSQL expects ten projects. The admin's
    are all there are: what is planned as sorting a few rows would sort a million (6 s, where the walk takes
    milliseconds). Only inside a transaction, and only around a statement that no rare value narrows down.
    """
    with connection.cursor() as cursor:
        cursor.execute("set local enable_sort = off")
        yield
        cursor.execute("set local enable_sort to default")


def allow_seconds(seconds: int) -> None:
    """Let each statement of this transaction take so long: the run-time role's usual limit is a page's."""
    # First: this statement's answer is waited for no longer either.
    connection.allow_answer(seconds + GRACE_SECONDS)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("select set_config('statement_timeout', %s, true)", [f"{seconds}s"])
