"""Row security: who is bound by it, and which tables are guarded."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_app import embedded
from sessions_app.db import queries
from sessions_app.management.doctor.finding import Finding, ok, problem

_SERVE_AS = f"DATABASE_URL must sign in as {embedded.RUNTIME}; manage.py create_roles makes it"
_POLICIES = "its policies stand in sessions_app/sql/policies"


def look_at_role() -> Iterator[Finding]:
    """The role that serves: no superuser, no owner, nothing it could empty."""
    [role] = queries.rows("doctor_role", {})
    name = role["role"]
    before = "policies do not bind it: a forgotten filter shows one team's project to another"
    found = []
    if role["is_unbound"]:
        found.append(problem(f"{name} is a superuser or has BYPASSRLS", before, _SERVE_AS))
    if role["owns_tables"]:
        found.append(problem(f"{name} owns tables", "it can switch their policies off", _SERVE_AS))
    elif role["may_become_owner"] and not role["is_unbound"]:
        found.append(
            problem(
                f"{name} may become the tables' owner",
                "it can switch their policies off",
                f"revoke {embedded.OWNER} from {name};",
            )
        )
    if role["too_much_on"] and not role["is_unbound"] and not role["owns_tables"]:
        tables = ", ".join(role["too_much_on"])
        found.append(
            problem(
                f"{name} may do more than rows need on {tables}",
                "it can empty a table or change what is never changed, past every policy",
                f"revoke truncate on {tables} from {name}; and of the ledger and the counters also update",
            )
        )
    yield from found or [ok(f"{name} is bound by row security")]


def look() -> Iterator[Finding]:
    """Tables without their policies, functions that lend their owner's rights to anybody."""
    found = [
        problem(
            f"the table {row['name']} {row['lacks']}",
            "rows of one project can be read by members of another",
            f"alter table {row['name']} enable row level security, force row level security; {_POLICIES}",
        )
        for row in queries.rows("doctor_policies", {})
    ]
    found += [
        problem(
            f"the function {row['name']} {row['lacks']}",
            "it runs with its owner's rights, whatever it is led to",
            f"alter function {row['name']} set search_path = public, pg_temp; "
            f"revoke execute on function {row['name']} from public;",
        )
        for row in queries.rows("doctor_functions", {})
    ]
    yield from found or [ok("every table of a project is guarded by forced policies")]
