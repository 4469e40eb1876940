-- Leave a check where analytics of somebody who is here are stale and none is there: after a repair past the triggers,
-- and of those that were stale before there were checks. It asks of everybody who is here, so it is run rarely.
-- Returns in how many projects it was so. SECURITY DEFINER, because the run-time role may not write checks itself.
create function check_again() returns bigint
  language sql volatile security definer set search_path = public, pg_temp
as $$
  with again as (
    insert into analytics_checks (project_id)
    select h.project_id
    from (select distinct s.project_id from user_sessions s where s.is_active) as h
    where not exists (select from analytics_checks k where k.project_id = h.project_id)
      and exists (select from stale_members(h.project_id))
    returning id
  )
  select count(*) from again
$$;
