-- The parked items that wait for visits and have had as many since: sessions that whoever parked the
-- item started after it, or anybody, where that was no person or one who is no member any more.
create or replace function items_visited_enough()
  returns table (project_id uuid, item_id uuid)
  language sql stable
as $$
  select i.project_id, i.id
  from items i
  left join memberships m on m.project_id = i.project_id and m.user_id = i.state_by_id
  cross join lateral (
    select count(*) as n
    from (
      select
      from user_sessions s
      where s.project_id = i.project_id and s.session_start > i.state_changed_at
        and (m.id is null or s.user_id = m.user_id)
      limit i.wake_sessions
    ) as first_ones
  ) as visits
  where i.state = 'parked' and i.woke_at is null and i.wake_sessions is not null
    and visits.n >= i.wake_sessions
$$;

-- The projects in which time itself has something to do at `p_now`: sessions idle since
-- `p_idle_before`, questions past their deadline, blockers whose day has come, parked items whose wake-up
-- has come, decisions whose review date has come, items that stand still where such are parked, snoozes
-- that are over, agents' reports nobody has digested, event ids remembered for 30 days. Ids only: the job
-- then acts as the system for these.
create or replace function projects_with_upkeep(p_now timestamptz, p_idle_before timestamptz)
  returns table (project_id uuid)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select s.project_id from user_sessions s where s.is_active and s.last_activity <= p_idle_before
  union
  select q.project_id from questions q where q.status = 'open' and q.expires_at <= p_now
  union
  select b.project_id from blockers b where b.status = 'open' and b.waits_until <= p_now
  union
  select i.project_id from items i where i.state = 'parked' and i.woke_at is null and i.wake_at <= p_now
  union
  select v.project_id from items_visited_enough() as v
  union
  select i.project_id from items i
  where i.state = 'decided' and i.review_due_at is null and i.review_at <= p_now
  union
  select p.id from projects p
  where p.idle_park_days is not null and p.archived_at is null and exists (
    -- To be warned of, or warned of long enough ago (services/idling.py, which says the same).
    select from items i
    where i.project_id = p.id and i.state = 'exploring'
      and i.changed_at <= p_now - make_interval(days => p.idle_park_days - 7)
      and (
        i.idle_warned_at is null
        or (
          i.idle_warned_at <= p_now - interval '7 days'
          and i.changed_at <= p_now - make_interval(days => p.idle_park_days)
        )
      )
  )
  union
  select k.project_id from step_marks k where k.until <= p_now
  union
  select a.project_id from agent_activities a where a.digested_version is null
  union
  select e.project_id from seen_events e where e.created_at < p_now - interval '30 days'
$$;
