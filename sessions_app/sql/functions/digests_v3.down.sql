create or replace function claim_digests(p_lease uuid, p_seconds integer, p_most integer, p_only uuid[] default null)
  returns table (project_id uuid, tries integer)
  language plpgsql security definer set search_path = public, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  due uuid[];
begin
  select array_agg(w.project_id) into due
  from (
    select t.project_id from tracked_activities t
    where t.digested_at is null and (p_only is null or t.project_id = any(p_only))
    union
    select a.project_id from agent_activities a
    where a.digested_version is null and (p_only is null or a.project_id = any(p_only))
    union
    select s.project_id
    from user_sessions s
    join project_counters c on c.project_id = s.project_id
    join memberships m on m.project_id = s.project_id and m.user_id = s.user_id
    left join session_analytics y on y.project_id = s.project_id and y.user_id = s.user_id
    where s.is_active and (p_only is null or s.project_id = any(p_only))
      and (y.computed_version is distinct from c.version
        or y.computed_member_version is distinct from m.version)
  ) as w;
  if due is null then
    return;
  end if;
  insert into project_digests (project_id, tries, failure)
  select unnest(due), 0, ''
  on conflict do nothing;
  -- Whoever claims at the same moment passes over what this one has locked. Apart from the update, whose plan may
  -- else look for them once for each row it tries, and claims more than are wanted.
  return query
    with free as materialized (
      select f.project_id from project_digests f
      where f.project_id = any(due) and (f.leased_until is null or f.leased_until < clock_timestamp())
      order by f.leased_until nulls first
      limit p_most
      for update skip locked
    )
    update project_digests d
    set lease = p_lease,
      leased_until = clock_timestamp() + make_interval(secs => p_seconds),
      tries = d.tries + 1
    from free
    where d.project_id = free.project_id
    returning d.project_id, d.tries;
end
$$;
