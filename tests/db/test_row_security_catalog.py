"""Case G04, read from the catalog: a table, function or key added tomorrow is judged too."""

from __future__ import annotations

import pytest
from django.db import connection

from sessions_app.embedded import OWNER, RUNTIME
from tests.db.tools import INSUFFICIENT_PRIVILEGE, attempt, column, owner_rows, project_tables

pytestmark = pytest.mark.usefixtures("catalog")

# Unique keys that may show that a hidden row is there, and why nobody learns anything by it.
KEYS_WITHOUT_PROJECT = {
    ("invitations", "token_hash"): "the hash of 32 random bytes: nobody hits another's",
    ("agent_tokens", "token_hash"): "the hash of 32 random bytes: nobody hits another's",
    ("socket_tickets", "secret_hash"): "the hash of 32 random bytes: nobody hits another's",
    ("session_analytics", "user_id"): "the contract's (user_id, project_id): both must match",
}

# Settings of functions that say how their statements are planned, and nothing of what they name.
PLANNING = ("plan_cache_mode=", "enable_seqscan=", "jit=")


def test_every_table_of_a_project_has_forced_policies() -> None:
    """Row level security is on, binds the owner too, and somebody may pass."""
    unguarded = column(
        """
        select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relname = any(%s)
          and not (c.relrowsecurity and c.relforcerowsecurity
                   and exists (select from pg_policy p where p.polrelid = c.oid))
        """,
        ["projects", *project_tables()],
    )
    assert unguarded == []
    assert len(project_tables()) >= 17


def test_nobody_but_the_owner_reaches_a_partition() -> None:
    """Its rows are read through the whole table, under that one's policies."""
    partitions = owner_rows(
        """
        select c.relname, c.relrowsecurity, c.relforcerowsecurity,
          array(select p.polname::text from pg_policy p where p.polrelid = c.oid),
          has_table_privilege(%s, c.oid, 'select, insert, update, delete, truncate, references, trigger')
        from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relispartition
        """,
        RUNTIME,
    )
    assert {name.rpartition("_")[0] for name, *_ in partitions} >= {"tracked_activities", "metric_samples"}
    for name, *guards in partitions:
        assert guards == [True, True, ["owner_all"], False], name
        assert attempt(f"select from {name}") == INSUFFICIENT_PRIVILEGE


def test_no_table_hangs_on_a_project_without_naming_it() -> None:
    """Whatever points at a project's row carries project_id itself, so that a policy can judge it."""
    nameless = column(
        """
        select distinct c.conrelid::regclass::text
        from pg_constraint c
        where c.contype = 'f' and c.conparentid = 0 and c.confrelid::regclass::text = any(%s)
          and not c.conrelid::regclass::text = any(%s)
        """,
        ["projects", *project_tables()],
        project_tables(),
    )
    assert nameless == []


def test_every_policy_asks_whose_project_it_is() -> None:
    """No policy lets the run-time role pass unasked, and none is restrictive by mistake."""
    policies = owner_rows(
        "select tablename, policyname, coalesce(qual, '') || coalesce(with_check, ''), permissive, cmd"
        " from pg_policies where schemaname = 'public' and roles <> array[%s]::name[]",
        OWNER,
    )
    assert {row[0] for row in policies} == {"projects", "idempotency_keys", *project_tables()}
    for table, policy, asked, permissive, command in policies:
        assert permissive == "PERMISSIVE", f"{policy} on {table}"
        by_creator = (table, command) == ("projects", "INSERT") and "acting_user()" in asked
        # A kept answer is of no project: it is told again to whoever got it.
        by_caller = table == "idempotency_keys" and "acting_user()" in asked
        assert "my_projects()" in asked or by_creator or by_caller, f"{policy} on {table} asks {asked!r}"


def test_the_runtime_role_has_no_way_past_the_policies() -> None:
    """No superuser, no BYPASSRLS, owner of nothing, and it cannot become the owner."""
    flags = owner_rows(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
        " from pg_roles where rolname = %s",
        RUNTIME,
    )
    assert flags == [(False,) * 5]
    owned = column(
        """
        select relname::text from pg_class where relowner = %(r)s::regrole
        union all select proname::text from pg_proc where proowner = %(r)s::regrole
        union all select nspname::text from pg_namespace where nspowner = %(r)s::regrole
        """.replace("%(r)s", "%s"),
        RUNTIME,
        RUNTIME,
        RUNTIME,
    )
    assert owned == []
    memberships = column(
        "select r.rolname from pg_roles r where r.rolname <> %s and pg_has_role(%s, r.oid, 'member')",
        RUNTIME,
        RUNTIME,
    )
    assert memberships == []


def test_the_tests_themselves_run_as_the_runtime_role() -> None:
    """What passes here passes under the policies."""
    with connection.cursor() as cursor:
        cursor.execute("select current_user, session_user, current_setting('row_security')")
        assert cursor.fetchone() == (RUNTIME, RUNTIME, "on")


def test_the_runtime_role_works_on_rows_only() -> None:
    """No table may be emptied, pointed at or given a trigger by it."""
    too_much = owner_rows(
        """
        select c.relname, r.name
        from pg_class c, unnest(array['truncate', 'references', 'trigger']) as r (name)
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
          and has_table_privilege(%s, c.oid, r.name)
        """,
        RUNTIME,
    )
    assert too_much == []
    [row] = owner_rows(
        """
        select
          has_table_privilege(%s, 'activities', 'update'), has_table_privilege(%s, 'activities', 'delete'),
          has_any_column_privilege(%s, 'activities', 'update'),
          has_table_privilege(%s, 'project_counters', 'insert'),
          has_any_column_privilege(%s, 'project_counters', 'update'),
          has_table_privilege(%s, 'project_counters', 'delete'),
          has_table_privilege(%s, 'projects', 'delete'),
          has_schema_privilege(%s, 'public', 'create')
        """,
        *[RUNTIME] * 8,
    )
    assert row == (False,) * 8


@pytest.mark.parametrize(
    "sql",
    [
        "truncate items",
        "truncate projects cascade",
        "alter table items disable row level security",
        "alter table items add column spy text",
        "alter table items disable trigger items_added",
        "drop policy of_my_projects on items",
        "create policy all_mine on items using (true)",
        "drop table items",
        "create table spies ()",
        "create function spy() returns integer language sql return 1",
        "create or replace function acting_admin() returns boolean language sql stable return true",
        f"set local role {OWNER}",
        f"set local session authorization {OWNER}",
        f"alter role {RUNTIME} bypassrls",
        "set local session_replication_role = replica",
        f"grant {OWNER} to {RUNTIME}",
        "select pg_read_file('PG_VERSION')",
    ],
)
def test_the_runtime_role_is_refused(sql: str) -> None:
    """Tried, not only looked up."""
    assert attempt(sql) == INSUFFICIENT_PRIVILEGE


def test_row_security_cannot_be_switched_off() -> None:
    """With row_security off a policy is an error, not a door."""
    assert attempt("set local row_security = off; select * from items") == INSUFFICIENT_PRIVILEGE


def test_functions_with_their_owners_rights_have_a_fixed_search_path() -> None:
    """What a SECURITY DEFINER function names cannot be shadowed, and only the app may call it."""
    functions = owner_rows(
        """
        select p.proname, coalesce(p.proconfig, '{}'), p.proowner::regrole::text,
          exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) where grantee = 0)
        from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.prosecdef
        """
    )
    assert {row[0] for row in functions} >= {"my_projects", "lock_project", "raise_version", "erase_project"}
    for name, config, owner, is_public in functions:
        settings = [setting for setting in config if not setting.startswith(PLANNING)]
        assert settings == ["search_path=public, pg_temp"], name
        assert owner == OWNER, name
        assert not is_public, f"{name} may be run by PUBLIC"


def test_views_ask_as_whoever_reads_them_and_nothing_is_materialised() -> None:
    """A plain view reads with its owner's rights; a materialised one has no policies."""
    leaky = column(
        """
        select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace
          and (c.relkind in ('m', 'f')
               or c.relkind = 'v' and not coalesce(c.reloptions::text, '') ~ 'security_invoker=(true|on|1)')
        """
    )
    assert leaky == []


def test_unique_keys_begin_with_the_project() -> None:
    """A unique violation tells nobody that a row of another project is there."""
    keys = owner_rows(
        """
        select t.relname, a.attname
        from pg_index i
        join pg_class t on t.oid = i.indrelid
        left join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
        where t.relnamespace = 'public'::regnamespace and t.relname = any(%s)
          and (i.indisunique and not i.indisprimary or i.indisexclusion)
        """,
        project_tables(),
    )
    telling = {(table, first) for table, first in keys if first != "project_id"}
    assert telling == set(KEYS_WITHOUT_PROJECT)


def test_primary_keys_are_random_or_never_named_by_a_client() -> None:
    """A primary key is a random uuid, the project itself, or a number the database gives."""
    keys = dict(
        owner_rows(
            """
            select t.relname, format_type(a.atttypid, a.atttypmod)
            from pg_index i
            join pg_class t on t.oid = i.indrelid
            join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
            where t.relname = any(%s) and i.indisprimary
            """,
            project_tables(),
        )
    )
    assert {table for table, kind in keys.items() if kind != "uuid"} == {
        "activities",
        "analytics_checks",
        "seen_events",
        "tracked_activities",
    }
