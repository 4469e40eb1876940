"""Many people in many projects, made past the triggers, which count one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg

_MADE = """
insert into users (
  id, password, is_superuser, email, display_name, time_zone, hides_agents, is_staff, is_active, created_at
)
select md5('user' || n)::uuid, '!', false, 'p' || n || '@example.org', 'P' || n, 'UTC', false, false, true,
  now()
from generate_series(0, {people} - 1) as n;
insert into projects (id, title, created_by_id, created_at, updated_at)
select md5('project' || n)::uuid, 'Project ' || n, md5('user' || n % {people})::uuid, now(), now()
from generate_series(0, {projects} - 1) as n;
insert into project_counters (project_id, version, exploring, decided, parked, questions_open, blockers_open)
select md5('project' || n)::uuid, {version}, 0, 0, 0, 0, 0
from generate_series(0, {projects} - 1) as n;
insert into memberships (id, project_id, user_id, role, version, created_at)
select gen_random_uuid(), md5('project' || p)::uuid, md5('user' || (p * 37 + m) % {people})::uuid,
  case m when 0 then 'owner' else 'editor' end, 3, now()
from generate_series(0, {projects} - 1) as p, generate_series(0, {members} - 1) as m;
"""


def people_and_projects(
    owner: psycopg.Connection, *, projects: int, people: int, members: int, version: int = 0
) -> None:
    """Make them, empty, all at one version; `members` people are in each project."""
    made = _MADE.format(projects=projects, people=people, members=members, version=version)
    with _past_triggers(owner, "projects", "memberships"):
        for statement in made.split(";\n"):
            if statement.strip():
                owner.execute(statement)


_PRESENT = """
insert into user_sessions (
  id, user_id, project_id, session_start, is_active, snapshot_at_start, metadata, last_activity, end_version,
  created_at, updated_at
)
select gen_random_uuid(), user_id, project_id, now() - interval '1 minute', true, '{"version": 0}', '{}',
  now() - interval '1 minute', 0, now(), now()
from memberships;
insert into session_analytics (
  id, user_id, project_id, items_decided_since, items_exploring, items_parked, pending_questions,
  suggested_next_steps, active_blockers, hidden_steps, computed_version, computed_member_version, created_at,
  updated_at
)
select gen_random_uuid(), m.user_id, m.project_id, 0, 0, 0, 0, '[]', '[]', '[]', c.version, m.version, now(),
  now()
from memberships m join project_counters c using (project_id)
"""


def present(owner: psycopg.Connection) -> None:
    """Give every member a session under way, and analytics that are up to date."""
    with _past_triggers(owner, "user_sessions"):
        for statement in _PRESENT.split(";\n"):
            owner.execute(statement)


def memberships(owner: psycopg.Connection) -> list[tuple[UUID, UUID]]:
    """The project and the person of each."""
    return owner.execute(
        "select project_id, user_id from memberships order by project_id, user_id"
    ).fetchall()


@contextmanager
def _past_triggers(owner: psycopg.Connection, *tables: str) -> Iterator[None]:
    for table in tables:
        owner.execute(f"alter table {table} disable trigger user")
    yield
    for table in tables:
        owner.execute(f"alter table {table} enable trigger user")
