"""The access table at the level of the database: every table by every kind of actor, as the run-time role.

Row security tells projects apart, not roles: what a viewer may is judged by the services. So whoever sees a
project's rows may do with a table what its row here says, and everybody else nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from sessions_app import clock
from sessions_app.db.retry import sqlstate
from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_agent, acting_as_system
from sessions_app.models import AgentToken, Membership
from sessions_app.services import members
from tests import factories
from tests.conftest import Cast
from tests.db.tools import INSUFFICIENT_PRIVILEGE, column, copy_of_a_row, owner_rows, project_tables, token_of

SELECT, INSERT, UPDATE, DELETE = "select", "insert", "update", "delete"
ALL = {SELECT, INSERT, UPDATE, DELETE}
# Every table of a project, and what is granted there. A new one is not here: judge it, then add it.
GRANTED = {
    **dict.fromkeys(
        (
            *("agent_activities", "agent_tokens", "blocker_items", "blockers", "decision_lives"),
            *("decision_looks", "hand_offs", "intake_refusals", "invitations", "item_dependencies", "items"),
            *("memberships", "messages", "presences", "project_digests", "question_items", "questions"),
            *("rollup_fills", "seen_events", "session_analytics", "session_rollups", "socket_tickets"),
            *("step_marks", "tracked_activities", "user_sessions", "webhook_deliveries", "webhooks"),
            "work_rollups",
        ),
        ALL,
    ),
    # Append-only: a project ends through erase_project() alone.
    "activities": {SELECT, INSERT},
    # Kept by triggers and functions.
    "analytics_checks": {SELECT},
    "project_counters": {SELECT},
    "projects": {SELECT, UPDATE},
}
# A project is made by its creator (the copy's is the owner), or by whoever names its new id beforehand.
CREATES = ("an owner", "the admin")
# Tables that hold no project's rows, and what keeps them from telling of one.
OF_NO_PROJECT = {
    "users": "people, found by their sign-in before anybody acts",
    "external_identities": "whom an external issuer's name is, found by that name",
    "api_sign_ins": "one's own, found by an unguessable id",
    "idempotency_keys": "of a caller, by a policy of their own",
    "metric_samples": "figures of the whole, without names",
    "django_session": "found by an unguessable key",
}


def actors(cast: Cast) -> Iterator[tuple[str, bool, AbstractContextManager[None]]]:
    """Every kind of actor, and whether Lighthouse is theirs."""
    ex = factories.user("Ex")
    with acting_as_system([cast.project.id]):
        Membership.objects.create(project=cast.project, user=ex, role="editor")
    with acting_as(cast.ann.id):
        members.remove_member(cast.project.id, cast.actor("ann"), ex.id)
    gone, good = token_of(cast), token_of(cast)
    theirs = token_of(cast)
    with acting_as_system([cast.project.id, cast.other.id]):
        AgentToken.objects.filter(id=theirs).update(project=cast.other)
        AgentToken.objects.filter(id=gone).update(revoked_at=clock.now() - dt.timedelta(minutes=1))
    yield "nobody", False, transaction.atomic()
    yield "an owner", True, acting_as(cast.ann.id)
    yield "an editor", True, acting_as(cast.bob.id)
    yield "a viewer", True, acting_as(cast.vera.id)
    yield "a non-member", False, acting_as(cast.zoe.id)
    yield "an ex-member", False, acting_as(ex.id)
    yield "somebody unknown", False, acting_as(uuid4())
    yield "an agent", True, acting_as_agent(good)
    yield "a revoked agent", False, acting_as_agent(gone)
    yield "an agent of another project", False, acting_as_agent(theirs)
    yield "the system for this project", True, acting_as_system([cast.project.id])
    yield "the system for another one", False, acting_as_system([cast.other.id])
    yield "the system for none", False, acting_as_system([])
    yield "the admin", True, acting_as_admin()


@pytest.mark.usefixtures("catalog")
def test_every_table_is_judged() -> None:
    """A table that nobody thought of fails here first."""
    ours = "c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition"
    known = column(f"select c.relname from pg_class c where {ours}")
    others = {"django_migrations", "django_content_type", "django_admin_log"}
    foreign = {name for name in known if name.startswith(("auth_", "account_", "procrastinate_", "users_"))}
    assert set(known) - foreign - others == GRANTED.keys() | OF_NO_PROJECT.keys()
    assert {"projects", *project_tables()} == GRANTED.keys()


def test_every_table_by_every_actor(filled: Cast) -> None:
    """What is granted to whom the project belongs, and nothing to anybody else."""
    mine = filled.project.id
    copies = {table: copy_of_a_row(table, mine) for table in GRANTED}
    everybody = list(actors(filled))
    before, wrong = rows_of(mine), []
    for who, is_theirs, context in everybody:
        with context:
            for table, granted in GRANTED.items():
                may = {verb for verb in ALL if does(verb, table, mine, copies[table])}
                wanted = granted if is_theirs else set()
                if table == "projects" and who in CREATES:
                    wanted = granted | {INSERT}
                if may != wanted:
                    wrong.append(f"{who} in {table}: {sorted(may)}, not {sorted(wanted)}")
    assert wrong == []
    assert rows_of(mine) == before


def does(verb: str, table: str, project_id: UUID, copy: str) -> bool:
    """Whether a statement reaches a row of this project; what it does is taken back."""
    name = "id" if table == "projects" else "project_id"
    columns = ", ".join(f'"{column}"' for column in json.loads(copy))
    statement, value = {
        SELECT: (f"select from {table} where {name} = %s", project_id),
        INSERT: (
            f"insert into {table} ({columns}) select {columns} from jsonb_populate_record(null::{table}, %s)",
            copy,
        ),
        UPDATE: (f"update {table} set {name} = {name} where {name} = %s", project_id),
        DELETE: (f"delete from {table} where {name} = %s", project_id),
    }[verb]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [value])
            transaction.set_rollback(True)
            return cursor.rowcount > 0
    except DatabaseError as refused:
        # What another rule stops (a key that is there already, a row others point at) row security let pass.
        return sqlstate(refused) != INSUFFICIENT_PRIVILEGE


def rows_of(project_id: UUID) -> dict[str, int]:
    """How many rows of this project each table holds, as the owner counts."""
    tables = project_tables()
    counted = " union all ".join(
        f"select '{table}', count(*) from {table} where project_id = %s" for table in tables
    )
    return dict(owner_rows(counted, *[project_id] * len(tables)))
