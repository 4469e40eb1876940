"""G04 and G06: the database shows nobody what is not theirs, and that costs little at any size."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from sessions_app import embedded
from sessions_app.embedded.roles import SUPERUSER
from tests.faults.cases import case
from tests.faults.filled import fill
from tests.faults.product import Product, Stage
from tests.faults.sizes import sizes
from tests.faults.verdicts import Floor, Verdicts

TABLES = """
select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'project_id'
  and not a.attisdropped and c.relispartition = %s order by 1
"""


@contextmanager
def acting(connection: psycopg.Connection[Any], user: str) -> Iterator[psycopg.Cursor[Any]]:
    """A transaction in which a person acts, as the product opens one."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("select set_config('app.user_id', %s, true)", [user])
        yield cursor


@case("G04")
def test_the_run_time_role_sees_what_is_its_actors(quiet: Product, verdicts: Verdicts) -> None:
    """Nothing without somebody who acts; a member's projects with them; and no way around."""
    first, second = quiet.settle(people=1), quiet.settle(people=1)
    fill(quiet, first, second)
    ann, mine = first.people[0].id, uuid.UUID(first.projects[0])
    with quiet.oracle(embedded.RUNTIME) as runtime:
        tables = [name for (name,) in runtime.execute(TABLES, [False])]
        months = [name for (name,) in runtime.execute(TABLES, [True])]
        readable = [name for name in months if not is_refused(runtime, f"select from {name}")]
        verdicts.none(f"of {len(months)} months of tables, those that may be read past the table", readable)
        shown = [name for name in tables if runtime.execute(f"select from {name} limit 1").rowcount]
        verdicts.none(f"of {len(tables)} tables, those that show a row to nobody", shown)
        with acting(runtime, ann) as cursor:
            seen = {name: cursor.execute(_PROJECTS.format(name)).fetchall() for name in tables}
        wrong = [name for name, rows in seen.items() if rows != [(mine,)]]
        verdicts.none("tables that show a member anything but their project's rows", wrong)
        done_anyway = [sql for sql in ways_around(tables) if not is_refused(runtime, sql)]
        verdicts.none("ways around it that are open", done_anyway)
        (flags,) = runtime.execute(
            "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication"
            " or pg_has_role(current_user, 'sessions_owner', 'member')"
            " from pg_roles where rolname = current_user"
        ).fetchall()
        verdicts.only("it is superuser, bypasses, or may become the owner", flags, [False])


_PROJECTS = "select distinct project_id from {}"


def ways_around(tables: list[str]) -> list[str]:
    """Statements by which a role that is not held by the policies would get past them."""
    return [
        *(f"truncate {name}" for name in tables),
        *(f"alter table {name} disable row level security" for name in tables),
        f"set role {embedded.OWNER}",
        "set session_replication_role = replica",
        f"alter role {embedded.RUNTIME} bypassrls",
        "create table spies ()",
    ]


def is_refused(connection: psycopg.Connection[Any], sql: str) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(sql)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


@dataclass(frozen=True)
class Ledger:
    """How many projects and activities there are in all, and how many of them are the one project's."""

    projects: int
    activities: int
    mine: int
    times: int


_LEDGERS: LiteralString = """
alter table activities disable trigger user;
with made as (
  insert into projects (id, title, created_by_id, created_at, updated_at)
  select gen_random_uuid(), 'Another ' || n, %(other)s, now(), now() from generate_series(1, %(projects)s) n
  returning id
), numbered as (select id, row_number() over () as n from made)
select count(*) from numbered;
insert into activities (project_id, version, kind, actor_kind, actor_id, actor_agent, data, created_at)
select p.id, s.version, 'item.added', 'user', %(other)s, '', '{}', now() - s.version * interval '1 second'
from projects p, generate_series(1, %(each)s) as s (version)
where p.created_by_id = %(other)s and p.id <> %(project)s;
insert into activities (project_id, version, kind, actor_kind, actor_id, actor_agent, data, created_at)
select %(project)s, 10 + s.n, 'item.added', 'user', %(other)s, '', '{}', now() - s.n * interval '1 second'
from generate_series(1, %(mine)s) as s (n);
alter table activities enable trigger user;
analyze activities;
"""
# What the pages, the export and a forgotten filter ask; `%(project)s` is the member's, `%(user)s` the member.
STATEMENTS: dict[str, LiteralString] = {
    "panel": "select get_session_summary(%(user)s, %(project)s)",
    "count": "select count(*) from activities where project_id = %(project)s",
    "export": (
        "select id, version, kind, actor_id, data, created_at from activities"
        " where project_id = %(project)s order by version, id"
    ),
}
NO_FILTER: LiteralString = "select count(*) from activities"
PANEL_MS = 100
# What the slowest of a hundred takes without row security on a quiet machine, in milliseconds.
QUIET_MS = 4


@case("G06")
@sizes(Ledger(200, 20_000, 2_000, 40), Ledger(2_000, 500_000, 10_000, 200))
def test_row_security_costs_little(quiet: Product, size: Ledger, verdicts: Verdicts) -> None:
    """The same statements by a member under the policies, and by a role that no policy binds."""
    stage = quiet.settle(people=1)
    other = quiet.settle(people=1)
    fill_ledgers(quiet, stage, other, size)
    values = {"user": uuid.UUID(stage.people[0].id), "project": uuid.UUID(stage.projects[0])}
    taken: dict[str, dict[str, list[float]]] = {name: {"bound": [], "free": []} for name in STATEMENTS}
    with quiet.oracle(embedded.RUNTIME) as bound, quiet.oracle(SUPERUSER) as free:
        for _ in range(size.times):
            for kind, connection in (("bound", bound), ("free", free)):
                for name, sql in STATEMENTS.items():
                    with acting(connection, stage.people[0].id) as cursor:
                        started = time.perf_counter()
                        cursor.execute(sql, values).fetchall()
                        taken[name][kind].append((time.perf_counter() - started) * 1000)
        for name, both in taken.items():
            ratio = statistics.median(both["bound"]) / statistics.median(both["free"])
            verdicts.at_most(f"{name}: median, beside that without row security", ratio, 2, "x")
        bound_p99, free_p99 = (statistics.quantiles(each, n=100)[-1] for each in taken["panel"].values())
        verdicts.at_most("panel p99", bound_p99, PANEL_MS, "ms", floor=Floor(free_p99, QUIET_MS))
        touched, unindexed = {}, []
        for name, sql in (STATEMENTS | {"no filter": NO_FILTER}).items():
            if name != "panel":
                with acting(bound, stage.people[0].id) as cursor:
                    told = cursor.execute("explain (analyze, format json) " + sql, values).fetchone()
                assert told
                scans = list(scans_of(told[0][0]["Plan"]))
                touched[name] = sum(rows for _, rows in scans)
                unindexed += [f"{name}: {kind}" for kind, _ in scans if kind == "Seq Scan"]
    verdicts.none("statements that read the whole ledger", unindexed)
    mine = quiet.ask("select count(*) from activities where project_id::text = %s", stage.projects[0])[0][0]
    verdicts.at_most(f"rows touched, of {size.activities:,}", max(touched.values()), mine, "rows")


def fill_ledgers(product: Product, stage: Stage, other: Stage, size: Ledger) -> None:
    """Many projects with long ledgers, as the owner of the tables, past the triggers that keep versions."""
    values = {
        "other": uuid.UUID(other.people[0].id),
        "project": uuid.UUID(stage.projects[0]),
        "projects": size.projects,
        "each": (size.activities - size.mine) // size.projects,
        "mine": size.mine,
    }
    with product.oracle(embedded.OWNER) as owner:
        for statement in _LEDGERS.split(";\n"):
            if statement.strip():
                owner.execute(statement, values if "%(" in statement else None)


def scans_of(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Each scan of the ledger in a plan: its kind, and how many rows it looked at."""
    if node.get("Relation Name") == "activities":
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        yield node["Node Type"], round(rows * node["Actual Loops"])
    for part in node.get("Plans", []):
        yield from scans_of(part)
