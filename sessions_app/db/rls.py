"""Who acts in a transaction: the one helper that opens row level security's doors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from sessions_app.db.arrays import as_array

# Every setting the policies read (sql/functions/acting_v1.sql, acting_v2.sql).
_SETTINGS = ("app.user_id", "app.agent_token_id", "app.projects", "app.admin", "app.project_id")


def acting_as(user_id: UUID, project_id: UUID | None = None) -> AbstractContextManager[None]:
    """A transaction in which this person acts: they see the projects they are a member of.

    With `project_id` at most that one, which costs the same however many they are a member of.
    """
    return _acting(user_id=str(user_id), project_id=str(project_id or ""))


def acting_as_agent(token_id: UUID) -> AbstractContextManager[None]:
    """A transaction in which an agent token acts: it sees its one project while it is valid."""
    return _acting(agent_token_id=str(token_id))


def acting_as_system(project_ids: Iterable[UUID]) -> AbstractContextManager[None]:
    """A transaction in which the system (worker, commands) acts for the named projects only."""
    return _acting(projects=as_array(project_ids))


def acting_as_admin() -> AbstractContextManager[None]:
    """A transaction in which the admin acts: it sees every project."""
    return _acting(admin="on")


@contextmanager
def _acting(
    user_id: str = "", agent_token_id: str = "", projects: str = "", admin: str = "", project_id: str = ""
) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        # The settings are the transaction's own (`true`), so they end with it and a pooled
        # connection carries nothing to its next user. A nested block shares its outer block's
        # transaction: it puts the old values back itself. After an error the rollback does that.
        nested = len(connection.savepoint_ids) > 0
        before = _read(cursor) if nested else None
        _write(cursor, (user_id, agent_token_id, projects, admin, project_id))
        yield
        if before is not None:
            _write(cursor, before)


def _read(cursor: CursorWrapper) -> tuple[str, ...]:
    columns = ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in _SETTINGS)
    cursor.execute(f"select {columns}")
    return tuple(cursor.fetchone())


def _write(cursor: CursorWrapper, values: tuple[str, ...]) -> None:
    calls = ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)
    cursor.execute(f"select {calls}", values)
