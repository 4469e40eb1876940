"""Row level security as whoever acts meets it: reads show one's own, writes elsewhere are refused."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import AbstractContextManager, nullcontext
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_agent, acting_as_system
from sessions_app.models import AgentToken
from tests.conftest import Cast
from tests.db.tools import (
    INSUFFICIENT_PRIVILEGE,
    attempt,
    copy_of_a_row,
    owner_rows,
    project_tables,
    token_of,
)

# Written by triggers and functions, or appended to only.
NO_UPDATE_NO_DELETE = {"activities", "analytics_checks", "project_counters"}


def _seen(table: str) -> set[UUID]:
    name = "id" if table == "projects" else "project_id"
    with connection.cursor() as cursor:
        cursor.execute(f'select distinct {name} from "{table}"')
        return {row[0] for row in cursor.fetchall()}


def test_each_context_sees_the_rows_of_its_own_projects(filled: Cast) -> None:
    """Nobody sees nothing, Ann hers, Zoe hers, the system the named ones, the admin all."""
    mine, others = filled.project.id, filled.other.id
    minute = dt.timedelta(minutes=1)
    contexts: dict[str, tuple[AbstractContextManager[None], set[UUID]]] = {
        "nobody": (transaction.atomic(), set()),
        "outside a transaction": (nullcontext(), set()),
        "Ann": (acting_as(filled.ann.id), {mine}),
        "Vera": (acting_as(filled.vera.id), {mine}),
        "Zoe": (acting_as(filled.zoe.id), {others}),
        "somebody unknown": (acting_as(uuid4()), set()),
        "the system for Ann's": (acting_as_system([mine]), {mine}),
        "the system for both": (acting_as_system([mine, others]), {mine, others}),
        "the system for none": (acting_as_system([]), set()),
        "the admin": (acting_as_admin(), {mine, others}),
        "a valid token": (acting_as_agent(token_of(filled)), {mine}),
        "a token for a while": (acting_as_agent(token_of(filled, expires_at=clock.now() + minute)), {mine}),
        "an expired token": (acting_as_agent(token_of(filled, expires_at=clock.now() - minute)), set()),
        "a revoked token": (acting_as_agent(token_of(filled, revoked_at=clock.now())), set()),
        "an unknown token": (acting_as_agent(uuid4()), set()),
    }
    for table in project_tables():
        present = {row[0] for row in owner_rows(f'select distinct project_id from "{table}"')}
        assert present == {mine, others}, f"fill() in conftest puts nothing into {table}"
    for who, (context, expected) in contexts.items():
        with context:
            for table in ["projects", *project_tables()]:
                assert _seen(table) == expected, f"{who} in {table}"


def test_a_token_revoked_meanwhile_sees_nothing_in_the_next_transaction(cast: Cast) -> None:
    """A revoke holds at once: rights are looked up, not remembered."""
    token = token_of(cast)
    with acting_as_agent(token):
        assert _seen("projects") == {cast.project.id}
    with acting_as(cast.ann.id):
        AgentToken.objects.filter(id=token).update(revoked_at=clock.now())
    with acting_as_agent(token):
        assert _seen("projects") == set()


@pytest.mark.parametrize("who", ["nobody", "Ann", "agent", "system"])
def test_writes_into_anothers_project_are_refused(filled: Cast, who: str) -> None:
    """In every table: no insert, no update, no delete there, and nothing of one's own moved there."""
    mine, others = filled.project.id, filled.other.id
    contexts = {
        "nobody": transaction.atomic(),
        "Ann": acting_as(filled.ann.id),
        "agent": acting_as_agent(token_of(filled)),
        "system": acting_as_system([mine]),
    }
    before = {table: _count(table, others) for table in project_tables()}
    copies = {table: copy_of_a_row(table, others) for table in project_tables()}
    with contexts[who]:
        for table, copy in copies.items():
            never = INSUFFICIENT_PRIVILEGE if table in NO_UPDATE_NO_DELETE else 0
            columns = ", ".join(f'"{column}"' for column in json.loads(copy))
            row = f"jsonb_populate_record(null::{table}, %s)"
            insert = f"insert into {table} ({columns}) select {columns} from {row}"
            assert attempt(insert, copy) == INSUFFICIENT_PRIVILEGE, f"insert into {table}"
            change = f"update {table} set project_id = project_id where project_id = %s"
            assert attempt(change, others) == never, f"update {table}"
            assert attempt(f"delete from {table} where project_id = %s", others) == never, f"delete {table}"
            move = f"update {table} set project_id = %s where project_id = %s"
            moved = attempt(move, others, mine)
            assert moved == (never if who == "nobody" else INSUFFICIENT_PRIVILEGE), f"move in {table}"
            if who != "nobody" and table not in NO_UPDATE_NO_DELETE:
                assert attempt(change, mine) != 0, f"{who} cannot even write one's own {table}"
    assert before == {table: _count(table, others) for table in project_tables()}


def _count(table: str, project_id: UUID) -> int:
    return int(owner_rows(f"select count(*) from {table} where project_id = %s", project_id)[0][0])


@pytest.mark.parametrize("who", ["nobody", "Ann", "agent", "system"])
def test_projects_themselves_are_written_by_those_they_belong_to(cast: Cast, who: str) -> None:
    """Nobody renames another's project, makes one in another's name, or deletes any by hand."""
    contexts = {
        "nobody": transaction.atomic(),
        "Ann": acting_as(cast.ann.id),
        "agent": acting_as_agent(token_of(cast)),
        "system": acting_as_system([cast.project.id]),
    }
    with contexts[who]:
        assert attempt("update projects set title = 'Mine now' where id = %s", cast.other.id) == 0
        assert attempt("delete from projects where id = %s", cast.other.id) == INSUFFICIENT_PRIVILEGE
        assert attempt("delete from projects where id = %s", cast.project.id) == INSUFFICIENT_PRIVILEGE
        assert attempt("select erase_project(%s)", cast.other.id) == INSUFFICIENT_PRIVILEGE
        assert attempt("select lock_project(%s)", cast.other.id) == INSUFFICIENT_PRIVILEGE
        assert attempt("select raise_version(%s)", cast.other.id) == INSUFFICIENT_PRIVILEGE
        assert (
            attempt(
                "insert into projects (id, title, created_by_id, created_at, updated_at)"
                " values (%s, 'Zoe''s second', %s, now(), now())",
                uuid4(),
                cast.zoe.id,
            )
            == INSUFFICIENT_PRIVILEGE
        )
    assert owner_rows("select title from projects order by title") == [("Lighthouse",), ("Zoe's own",)]


@pytest.mark.parametrize("who", ["bob", "vera", "zoe"])
def test_only_an_owner_erases_a_project(filled: Cast, who: str) -> None:
    """The database itself asks for the role, whatever the code forgot."""
    with acting_as(getattr(filled, who).id):
        assert attempt("select erase_project(%s)", filled.project.id) == INSUFFICIENT_PRIVILEGE


def test_erasing_a_project_leaves_no_row_of_it(filled: Cast) -> None:
    """Every table is emptied of it; the other project keeps all of its rows."""
    before = {table: _count(table, filled.other.id) for table in project_tables()}
    with acting_as(filled.ann.id):
        assert attempt("select erase_project(%s)", filled.project.id) == 1
    assert {_count(table, filled.project.id) for table in project_tables()} == {0}
    assert before == {table: _count(table, filled.other.id) for table in project_tables()}


def test_the_ledger_is_append_only_for_those_who_act(filled: Cast) -> None:
    """Not even Ann changes or deletes what happened in her own project, nor writes its counters."""
    mine = filled.project.id
    with acting_as(filled.ann.id):
        for sql in (
            "update activities set data = '{}' where project_id = %s",
            "delete from activities where project_id = %s",
            "update project_counters set version = version + 1 where project_id = %s",
            "delete from project_counters where project_id = %s",
            "insert into project_counters select * from project_counters where project_id = %s",
        ):
            assert attempt(sql, mine) == INSUFFICIENT_PRIVILEGE, sql


def test_a_table_of_the_same_name_fools_no_policy(cast: Cast) -> None:
    """Zoe makes a temporary table of memberships that names her everywhere: she sees no more."""
    with acting_as(cast.zoe.id):
        attempt("create temporary table memberships on commit drop as select * from public.memberships")
        attempt(
            "insert into pg_temp.memberships (id, project_id, user_id, role, version, created_at)"
            " values (gen_random_uuid(), %s, %s, 'owner', 0, now())",
            cast.project.id,
            cast.zoe.id,
        )
        assert _seen("projects") == {cast.other.id}
        assert attempt("select erase_project(%s)", cast.project.id) == INSUFFICIENT_PRIVILEGE


def test_the_policy_asks_once_a_statement(cast: Cast) -> None:
    """Whose projects they are is worked out once per statement, not once per row."""
    with acting_as(cast.ann.id), connection.cursor() as cursor:
        cursor.execute("explain (costs off) select * from activities")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "InitPlan" in plan
    assert "my_projects()" not in "".join(line for line in plan.splitlines() if "Filter" in line), plan
