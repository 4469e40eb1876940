-- The projects in which time itself has something to do at `p_now`: sessions idle since
-- `p_idle_before`, questions past their deadline, parked items whose wake-up has come, snoozes that
-- are over, agents' reports nobody has digested, event ids remembered for 30 days. Ids only: the job then acts as the system for these.
create or replace function projects_with_upkeep(p_now timestamptz, p_idle_before timestamptz)
  returns table (project_id uuid)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select s.project_id from user_sessions s where s.is_active and s.last_activity <= p_idle_before
  union
  select q.project_id from questions q where q.status = 'open' and q.expires_at <= p_now
  union
  select i.project_id from items i where i.state = 'parked' and i.woke_at is null and i.wake_at <= p_now
  union
  select k.project_id from step_marks k where k.until <= p_now
  union
  select a.project_id from agent_activities a where a.digested_version is null
  union
  select e.project_id from seen_events e where e.created_at < p_now - interval '30 days'
$$;
drop function items_visited_enough();
