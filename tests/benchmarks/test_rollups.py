"""Filling the roll-ups of much data, beside hand-written statements by the owner, whom no policy asks.

Notes also what one more minute costs then; asserts that both come to the same rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg
import pytest

from sessions_app import clock
from sessions_app.services import rollups
from tests.benchmarks.goals import Goals
from tests.db.tools import connect

# Projects, members of each, sessions of each member there, ledger rows of each project.
MANY = (20, 20, 50, 5_000)
ONE = (1, 100, 200, 100_000)

# A version a minute; a session is ten of them, somewhere in its own share of the project's life.
_MADE = """
insert into users (
  id, password, is_superuser, email, display_name, time_zone, hides_agents, is_staff, is_active, created_at
)
select md5('user' || n)::uuid, '!', false, 'p' || n || '@example.org', 'P' || n, 'UTC', false, false, true,
  now()
from generate_series(0, {members} - 1) as n;
insert into projects (id, title, created_by_id, created_at, updated_at)
select md5('project' || n)::uuid, 'Project ' || n, md5('user0')::uuid, now(), now()
from generate_series(1, {projects}) as n;
insert into project_counters (
  project_id, version, exploring, decided, parked, questions_open, blockers_open
)
select p.id, {versions}, 0, 0, 0, 0, 0 from projects p;
insert into activities (
  project_id, version, kind, actor_kind, actor_id, actor_agent, item_id, data, created_at
)
select p.id, v, (array['item.decided', 'message.posted', 'item.explored', 'item.edited'])[1 + v % 4], 'user',
  md5('user' || (v * 7919::bigint) % {members})::uuid, '',
  case when v % 4 <> 1 then md5('item' || v / 4 % 300)::uuid end, '{{}}',
  timestamptz '2026-03-02' + make_interval(mins => v)
from projects p, generate_series(1, {versions}) as v;
insert into user_sessions (
  id, user_id, project_id, session_start, session_end, is_active, snapshot_at_start, metadata, last_activity,
  end_version, created_at, updated_at
)
select gen_random_uuid(), md5('user' || m)::uuid, p.id, t.at, t.at + interval '10 minutes', false,
  jsonb_build_object('version', t.version), '{{}}', t.at, t.version + 10, t.at, t.at
from projects p, generate_series(0, {members} - 1) as m, generate_series(0, {sessions} - 1) as s
cross join lateral (
  select s * {share} + (m * 37 + s * 11) % ({share} - 20) as version
) as v
cross join lateral (
  select v.version, timestamptz '2026-03-02' + make_interval(mins => v.version, secs => 1) as at
) as t;
insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at, digested_at)
select s.project_id, s.user_id, 'activity', '{{}}', s.end_version,
  s.session_start + n * interval '70 seconds', now()
from user_sessions s, generate_series(1, 5) as n;
"""

_FLOOR_TABLES = """
create table floor_sessions (like session_rollups including all);
create table floor_work (like work_rollups including all);
create table floor_lives (like decision_lives including all);
create table floor_visits (like user_sessions including all);
insert into floor_visits select * from user_sessions;
analyze floor_visits;
"""
# What one would write who knows the tables and has them to oneself, into tables with the same indexes.
_FLOOR = """
with line as (
  select e.*, count(e.id) over (partition by project_id, user_id order by at, id is null) as nth
  from (
    select project_id, user_id, session_start as at, id, null::text as kind, null::uuid as item_id
    from floor_visits
    union all
    select project_id, user_id, received_at, null, null, null from tracked_activities
    union all
    select project_id, actor_id, created_at, null, kind, item_id from activities
  ) as e
),
placed as (
  select *, first_value(id) over (partition by project_id, user_id, nth order by id nulls last) as visit
  from line
),
acts as (
  select v.id, l.kind, l.item_id, l.at, least(
    interval '5 minutes',
    lead(l.at, 1, v.session_end) over (partition by v.id order by l.at) - l.at
  ) as counts_for
  from placed l
  join floor_visits v on v.id = l.visit and l.at <= v.session_end
),
facts as (
  select id, sum(counts_for) as active, min(at) filter (where kind is not null) as first_at,
    count(distinct item_id) filter (where kind = 'item.decided') as decided
  from acts group by id
),
gaps as (
  select id, session_start - lag(session_end) over (
    partition by project_id, user_id order by session_start
  ) as gap
  from floor_visits
)
update floor_visits v
set measured_at = now(), active_seconds = floor(extract(epoch from f.active)),
  gap_seconds = floor(extract(epoch from g.gap)), items_decided = f.decided,
  lag_seconds = floor(extract(epoch from f.first_at - v.session_start))
from facts f join gaps g using (id)
where f.id = v.id;
insert into floor_sessions (
  id, project_id, user_id, bucket, sessions, span_seconds, active_seconds, gap_seconds, lag_seconds,
  items_decided
)
select gen_random_uuid(), project_id, user_id,
  date_bin('15 minutes', session_start, '2000-01-01 00:00:00+00') as bucket, count(*),
  array_agg(floor(extract(epoch from session_end - session_start)) order by session_start),
  array_agg(active_seconds order by session_start),
  coalesce(array_agg(gap_seconds order by session_start) filter (where gap_seconds is not null), '{}'),
  coalesce(array_agg(lag_seconds order by session_start) filter (where lag_seconds is not null), '{}'),
  array_agg(items_decided order by session_start)
from floor_visits group by project_id, user_id, bucket;
insert into floor_work (id, project_id, bucket, kind, actor_kind, times)
select gen_random_uuid(), project_id, date_bin('15 minutes', created_at, '2000-01-01 00:00:00+00') as bucket,
  kind, actor_kind, count(*)
from activities group by project_id, bucket, kind, actor_kind;
insert into floor_lives (id, project_id, item_id, began_version, began_at, actor_kind, ended_at, "end")
select gen_random_uuid(), project_id, item_id, version, created_at, actor_kind, ended_at,
  case when ended_at is null then '' else 'reopened' end
from (
  select *, lead(created_at) over item as ended_at
  from (
    select *, lag(kind) over (partition by project_id, item_id order by id) as before from activities
    where kind in ('item.decided', 'item.explored', 'item.parked', 'item.deleted')
  ) as m
  where kind <> 'item.decided' or before is distinct from kind
  window item as (partition by project_id, item_id order by id)
) as l
where kind = 'item.decided';
"""
_FLOORS = {
    "session_rollups": "floor_sessions",
    "work_rollups": "floor_work",
    "decision_lives": "floor_lives",
}


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("size", [MANY, ONE], ids=["many projects", "one project"])
def test_a_fill_beside_hand_written_statements(
    database: None, goals: Goals, size: tuple[int, int, int, int]
) -> None:
    projects, members, visits, versions = size
    with connect("owner") as owner:
        _make(owner, projects, members, visits, versions)
        owner.execute(_FLOOR_TABLES)
        floor = _timed(lambda: owner.execute(_FLOOR))
        due = rollups.projects_due(clock.now())
        assert len(due) == projects
        filled = _timed(lambda: [rollups.roll_up(project_id) for project_id in due])
        for table, by_hand in _FLOORS.items():
            rows = "select to_jsonb(r) - 'id' from {} as r order by 1"
            kept, same = (owner.execute(rows.format(name)).fetchall() for name in (table, by_hand))
            assert kept == same, table
        checked = _timed(lambda: [rollups.check(project_id) for project_id in due])
        rebuilt = _timed(lambda: [rollups.rebuild(project_id) for project_id in due])
        owner.execute(f"drop table {', '.join(_FLOORS.values())}, floor_visits")
        owner.execute("vacuum analyze")
        _one_more_minute(owner, versions)
        looked = _timed(lambda: rollups.projects_due(clock.now()))
        minute = _timed(lambda: [rollups.roll_up(project_id) for project_id in due])
    many = f"{projects} project(s), {projects * members * visits:,} sessions, {projects * versions:,} rows"
    goals.figure("roll-ups", f"{many}: statements by hand", floor, "s")
    for name, seconds in (("first fill", filled), ("check", checked), ("rebuild", rebuilt)):
        goals.figure("roll-ups", f"{many}: {name}, to those by hand", seconds / floor, "x")
    goals.figure("roll-ups", f"{many}: who is due", looked * 1000, "ms")
    goals.figure("roll-ups", f"{many}: one more row, a project", minute / projects * 1000, "ms")


def _make(owner: psycopg.Connection, projects: int, members: int, visits: int, versions: int) -> None:
    """The rows, past the triggers, which count one by one."""
    for change in ("disable", "enable"):
        for table in ("projects", "activities"):
            owner.execute(f"alter table {table} {change} trigger user")
        if change == "disable":
            owner.execute(
                _MADE.format(
                    projects=projects,
                    members=members,
                    sessions=visits,
                    versions=versions,
                    share=versions // visits,
                )
            )
    owner.execute("vacuum analyze")


def _one_more_minute(owner: psycopg.Connection, versions: int) -> None:
    owner.execute("alter table activities disable trigger user")
    owner.execute(
        """
        insert into activities (
          project_id, version, kind, actor_kind, actor_id, actor_agent, item_id, data, created_at
        )
        select p.id, %s, 'item.decided', 'user', p.created_by_id, '', md5('item7')::uuid, '{}', now()
        from projects p
        """,
        [versions + 1],
    )
    owner.execute("update project_counters set version = version + 1")
    owner.execute("alter table activities enable trigger user")


def _timed(way: Callable[[], object]) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started
