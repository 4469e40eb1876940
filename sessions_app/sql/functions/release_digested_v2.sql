-- As before (fold_input_v1.sql), by indexes, and what is old of analytics is told by functions/stale_members_v1.sql.
create or replace function release_digested(p_lease uuid, p_projects uuid[])
  returns table (project_id uuid, has_input boolean)
  language plpgsql security definer set search_path = public, pg_temp
  -- By indexes: while all there are is a table of some pages, that one would be read whole.
  set enable_seqscan = off
  set jit = off
as $$
#variable_conflict use_column
begin
  return query
  with looked_at as materialized (
    select p.project_id, i.has_input,
      case
        when i.has_input then true
        when (
          select true from agent_activities a
          where a.project_id = p.project_id and a.digested_version is null
          order by a.received_at
          limit 1
        ) then true
        -- Without a check nobody is stale.
        else exists (select from analytics_checks k where k.project_id = p.project_id)
          and exists (select from stale_members(p.project_id))
      end as has_more
    from unnest(mine_of(p_projects)) as p (project_id)
    -- By its index for each, in its own order: `exists` would be asked of all that waits at once, and any one row
    -- may be looked for through the whole table. The offset keeps it from being asked twice.
    cross join lateral (
      select (
        select true from tracked_activities t
        where t.project_id = p.project_id and t.digested_at is null
        order by t.user_id, t.id
        limit 1
      ) is true as has_input
      offset 0
    ) as i
  ),
  released as (
    update project_digests d
    set lease = null, leased_until = clock_timestamp(), tries = 0, failure = ''
    from looked_at l
    where d.project_id = l.project_id and d.lease = p_lease and not l.has_more
  )
  select l.project_id, l.has_input from looked_at l where l.has_more;
end
$$;
