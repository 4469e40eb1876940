-- Leave a check where analytics of somebody who is here are stale and none is there: after a repair past the triggers,
-- and of those that were stale before there were checks. It asks of everybody who is here, so it is run rarely, and in
-- portions: of the projects after `p_after` that somebody is in, so many at most; all when `p_most` is NULL.
-- Returns in how many of them it was so, and the last one, NULL when there was none to ask about. SECURITY DEFINER,
-- because the run-time role may not write checks itself.
create function check_again(p_after uuid, p_most integer) returns table (checks bigint, last_one uuid)
  language sql volatile security definer set search_path = public, pg_temp
as $$
  with here as materialized (
    select distinct s.project_id
    from user_sessions s
    where s.is_active and s.project_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
    order by s.project_id
    limit p_most
  ),
  again as (
    insert into analytics_checks (project_id)
    select h.project_id
    from here h
    where not exists (select from analytics_checks k where k.project_id = h.project_id)
      and exists (select from stale_members(h.project_id))
    returning id
  )
  select (select count(*) from again), (select h.project_id from here h order by h.project_id desc limit 1)
$$;
