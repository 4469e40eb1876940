-- Fold a batch of waiting input into the sessions that were under way when it came, and count it in
-- the analytics row: all in one statement, each row once. Returns how many rows it folded.
with batch as materialized (
  select t.id, t.user_id, t.version, t.received_at
  from tracked_activities t
  where t.project_id = %(project)s and t.digested_at is null
    and (%(user)s::uuid is null or t.user_id = %(user)s::uuid)
  order by t.id
  limit %(most)s
  for update skip locked
),
done as (
  update tracked_activities t set digested_at = %(now)s from batch b where t.id = b.id
  returning t.user_id
),
last_of as (
  -- Each person's newest row; who did nothing in the session under way does not keep it alive.
  select b.user_id, max(b.received_at) as last_at, max(b.version) as last_version
  from batch b
  join user_sessions s on s.project_id = %(project)s and s.user_id = b.user_id and s.is_active
    and s.session_start <= b.received_at
  group by b.user_id
),
kept_alive as (
  update user_sessions s
  set last_activity = greatest(s.last_activity, l.last_at),
    end_version = greatest(s.end_version, l.last_version),
    updated_at = %(now)s
  from last_of l
  where s.project_id = %(project)s and s.user_id = l.user_id and s.is_active
),
counted as (
  insert into session_analytics as a (
    id, user_id, project_id, last_activity, activities_tracked, items_decided_since, items_exploring,
    items_parked, pending_questions, suggested_next_steps, active_blockers, hidden_steps,
    computed_version, computed_member_version, created_at, updated_at
  )
  select gen_random_uuid(), d.user_id, %(project)s, max(l.last_at), count(*), 0, 0, 0, 0, '[]', '[]', '[]',
    -1, -1, %(now)s, %(now)s
  from done d
  left join last_of l on l.user_id = d.user_id
  -- Whoever was taken out meanwhile has no analytics any more.
  where exists (
    select from memberships m where m.project_id = %(project)s and m.user_id = d.user_id
  )
  group by d.user_id
  on conflict (user_id, project_id) do update
  set activities_tracked = a.activities_tracked + excluded.activities_tracked,
    last_activity = greatest(a.last_activity, excluded.last_activity),
    updated_at = excluded.updated_at
)
select count(*) from batch
