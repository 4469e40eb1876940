-- Fold waiting input into the sessions that were under way when it came, and count it in the analytics rows: of
-- these people, each up to a row of theirs, all in one statement. Returns how many rows it folded. Each row
-- counts once, whoever folds at the same time: what another has folded meanwhile is no row that waits.
with done as (
  update tracked_activities t
  set digested_at = %(now)s
  from unnest(%(projects)s::uuid[], %(users)s::uuid[], %(up_to)s::bigint[]) as w (project_id, user_id, up_to)
  where t.project_id = w.project_id and t.user_id = w.user_id and t.id <= w.up_to and t.digested_at is null
  returning t.project_id, t.user_id, t.version, t.received_at
),
counted as (
  select d.project_id, d.user_id, count(*) as n, max(d.received_at) as last_at, max(d.version) as last_version
  from done d
  group by d.project_id, d.user_id
),
to_store as materialized (
  -- By the newest row of each person; who did nothing in the session under way does not keep it alive.
  select c.project_id, c.user_id, c.n, s.id as session_id, c.last_version,
    case when s.id is not null then c.last_at end as last_at
  from counted c
  left join user_sessions s on s.project_id = c.project_id and s.user_id = c.user_id and s.is_active
    and s.session_start <= c.last_at
),
kept_alive as (
  update user_sessions s
  set last_activity = greatest(s.last_activity, t.last_at),
    end_version = greatest(s.end_version, t.last_version),
    updated_at = %(now)s
  from to_store t
  where s.id = t.session_id and s.is_active
),
stored as (
  update session_analytics a
  set activities_tracked = a.activities_tracked + t.n,
    last_activity = greatest(a.last_activity, t.last_at),
    updated_at = %(now)s
  from to_store t
  where a.project_id = t.project_id and a.user_id = t.user_id
  returning a.project_id, a.user_id
),
made as (
  insert into session_analytics as a (
    id, user_id, project_id, last_activity, activities_tracked, items_decided_since, items_exploring,
    items_parked, pending_questions, suggested_next_steps, active_blockers, hidden_steps,
    computed_version, computed_member_version, created_at, updated_at
  )
  select gen_random_uuid(), t.user_id, t.project_id, t.last_at, t.n, 0, 0, 0, 0, '[]', '[]', '[]',
    -1, -1, %(now)s, %(now)s
  from to_store t
  -- Whoever was taken out meanwhile has no analytics any more.
  join memberships m on m.project_id = t.project_id and m.user_id = t.user_id
  where (t.project_id, t.user_id) not in (select u.project_id, u.user_id from stored u)
  -- Made by a page at this very moment: its lock is waited for and its row counted up like any other.
  on conflict (user_id, project_id) do update
  set activities_tracked = a.activities_tracked + excluded.activities_tracked,
    last_activity = greatest(a.last_activity, excluded.last_activity),
    updated_at = excluded.updated_at
)
select coalesce(sum(t.n), 0)::bigint from to_store t
