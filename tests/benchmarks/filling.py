"""Projects with many items, made past the triggers, which count one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from tests.faults.product import Product

# How many decisions somebody who was here before has not seen. All was days ago: "3 days ago" stays so for
# as long as a benchmark runs.
UNSEEN = 5

_THEN = "now() - interval '84 hours'"
_ITEMS = f"""
insert into items (
  id, project_id, title, text, state, version, state_version, decided_version, reason, outcome, changed_at,
  state_changed_at, created_at, state_by_agent, created_by_agent, citation_quote, import_key, import_seen,
  import_people
)
select gen_random_uuid(), %(project)s, 'Idea number ' || i, 'What we know of idea ' || i || ' so far.',
  (array['decided', 'exploring', 'decided', 'parked'])[1 + i %% 4], c.version + i, c.version + i,
  case when i %% 2 = 0 then c.version + i end, '', '', {_THEN}, {_THEN}, {_THEN}, '', '', '', '',
  '{{}}', '{{}}'
from project_counters c, generate_series(1, %(count)s) as i
where c.project_id = %(project)s
"""
_COUNTED = """
update project_counters c
set version = c.version + %(count)s, decided = n.decided, exploring = n.exploring, parked = n.parked
from (
  select count(*) filter (where state = 'decided') as decided,
    count(*) filter (where state = 'exploring') as exploring,
    count(*) filter (where state = 'parked') as parked
  from items where project_id = %(project)s
) as n
where c.project_id = %(project)s
"""
_VISITED = f"""
insert into user_sessions (
  id, user_id, project_id, session_start, session_end, is_active, snapshot_at_start, metadata, last_activity,
  end_version, created_at, updated_at
)
select gen_random_uuid(), m.user_id, m.project_id, {_THEN} - interval '1 hour', {_THEN},
  false, jsonb_build_object('version', c.version - %(unseen)s * 2), '{{}}', {_THEN},
  c.version - %(unseen)s * 2, now(), now()
from memberships m join project_counters c using (project_id)
where m.project_id = %(project)s
"""


def fill(product: Product, items: Mapping[str, int]) -> None:
    """Give each project (by its id) so many more items, and each of its members a session that has ended."""
    with product.oracle("postgres") as oracle:
        _triggers(oracle, "disable")
        for project, count in items.items():
            told = {"project": project, "count": count, "unseen": UNSEEN}
            for statement in (_ITEMS, _COUNTED, _VISITED):
                oracle.execute(statement, told)
        _triggers(oracle, "enable")
        oracle.execute("vacuum analyze")


def _triggers(oracle: psycopg.Connection[Any], change: str) -> None:
    for table in ("items", "project_counters"):
        oracle.execute(f"alter table {table} {change} trigger user")
