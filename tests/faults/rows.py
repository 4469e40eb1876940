"""What the database holds, table by table: whatever was added, changed or erased is seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tests.faults.product import Product

# Written by a call that is refused too (who was here, what was refused), and by the worker by itself.
OF_THE_SERVER = frozenset(
    (
        *("analytics_checks", "session_analytics"),
        *("metric_samples", "intake_refusals", "presences", "project_digests"),
        *("rollup_fills", "session_rollups", "work_rollups", "decision_lives"),
    )
)
# Columns that change by themselves: what the roll-up notes on a session once it is over, when a token was
# used last, how a webhook's delivery goes on, and that the in-house agents have heard a message.
BY_THEMSELVES = {
    "user_sessions": [
        *("measured_at", "active_seconds", "gap_seconds"),
        *("lag_seconds", "items_decided", "inputs_measured"),
    ],
    "agent_tokens": ["last_used_at"],
    "messages": ["unheard"],
    "webhook_deliveries": ["status", "tries", "next_try_at", "last_status", "last_error", "ended_at"],
}
# The digest of a table without rows.
EMPTY = "(0, None)"
_TABLES = """
select c.relname, bool_or(a.attname = 'project_id')
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
  and not starts_with(c.relname, 'procrastinate') and c.relname <> all(%s)
group by c.relname
"""


def digests(
    product: Product,
    but: Collection[str] = OF_THE_SERVER,
    changing: Mapping[str, Sequence[str]] = BY_THEMSELVES,
    project: str = "",
) -> dict[str, str]:
    """A digest of each table's rows, those of the job queue left out.

    Args:
        product: whose database is asked.
        but: tables that are left out as well.
        changing: columns that are left out, by table.
        project: only the rows of this one, of tables that have any of a project.
    """
    digest = 'select count(*), sum(hashtextextended((to_jsonb(t) - %s::text[])::text, 0)) from "{}" t'
    of_project = " where project_id = %s"
    with product.oracle() as oracle:
        tables = oracle.execute(_TABLES, [list(but)]).fetchall()
        return {
            name: str(
                oracle.execute(
                    digest.format(name) + (of_project if project else ""),
                    [list(changing.get(name, ())), *([project] if project else [])],
                ).fetchone()
            )
            for name, is_of_projects in tables
            if is_of_projects or not project
        }
