"""Row security: who is bound by it, which tables are guarded; and what else the database keeps by itself."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_app import embedded
from sessions_app.db import guards, queries
from sessions_app.db.guards import Difference
from sessions_app.management.doctor.finding import Finding, ok, problem

_SERVE_AS = f"DATABASE_URL must sign in as {embedded.RUNTIME}; manage.py create_roles makes it"
_POLICIES = "its policies stand in sessions_app/sql/policies"
_TRIGGERS = "its triggers stand in sessions_app/sql/triggers"
_FUNCTIONS = "its text stands in sessions_app/sql, in the newest file that has it"
_LEAKS = "rows of one project can be read by members of another"


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
                f"revoke truncate on {tables} from {name}; of the ledger and the counters also update and "
                "delete, of the counters insert, of projects delete",
            )
        )
    yield from found or [ok(f"{name} is bound by row security")]


def look() -> Iterator[Finding]:
    """Tables without their guards, functions that lend their owner's rights to anybody."""
    found = [
        problem(
            f"the table {row['name']} {row['lacks']}",
            _LEAKS,
            f"alter table {row['name']} enable row level security, force row level security; {_POLICIES}",
        )
        for row in queries.rows("doctor_policies", {})
    ]
    lending = queries.rows("doctor_functions", {})
    found += [
        problem(
            f"the function {row['name']} {row['lacks']}",
            "it runs with its owner's rights, whatever it is led to",
            f"alter function {row['name']} set search_path = public, pg_temp; "
            f"revoke execute on function {row['name']} from public;",
        )
        for row in lending
    ]
    told = {("function", row["name"]) for row in lending}
    found += [_differs(each) for each in guards.differences() if (each.kind, each.name) not in told]
    yield from found or [
        ok(
            "every table of a project is guarded by forced policies, triggers, constraints and unique "
            "indexes, and every function is this release's"
        )
    ]


def _differs(guard: Difference) -> Finding:
    """What became of a guard; `found` None: it is gone, `expected` None: it is none of ours."""
    what = f"the {guard.kind} {guard.name} of {guard.table} "
    if guard.kind == "function":
        told = "is gone" if guard.found is None else "was altered"
        return problem(
            f"the function {guard.name} {told}",
            "policies, triggers and pages ask it, and take what it says for true",
            f"make it anew: {_FUNCTIONS}",
        )
    if guard.kind == "policy":
        drop = f"drop policy {guard.name} on {guard.table};"
        if guard.found is None:
            return problem(
                f"{what}is gone", "whoever may see its rows sees none", f"make it anew: {_POLICIES}"
            )
        if guard.expected is None:
            return problem(f"{what}is none of this release's", _LEAKS, drop)
        return problem(f"{what}was altered", _LEAKS, f"{drop} make it anew: {_POLICIES}")
    told = "is gone" if guard.found is None else "was switched off or altered"
    if guard.kind == "trigger":
        on = f"alter table {guard.table} enable trigger {guard.name};"
        again = f"if it is gone or altered, make it anew: {_TRIGGERS}"
        return problem(
            f"{what}{told}", "counters go wrong, or what never changes can be changed", f"{on} {again}"
        )
    assert guard.expected is not None
    if guard.kind == "constraint":
        drop = "" if guard.found is None else f"drop constraint {guard.name}, "
        return problem(
            f"{what}{told}",
            "rows may say what no page expects, or lead to what is gone",
            f"alter table {guard.table} {drop}add constraint {guard.name} {guard.expected['made_by']};",
        )
    drop = "" if guard.found is None else f"drop index {guard.name}; "
    return problem(
        f"{what}{told}",
        "what is there once can be there twice, such as somebody's open session",
        f"{drop}{guard.expected['made_by']};",
    )
