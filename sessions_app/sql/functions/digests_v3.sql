-- As before (digests_v2 and migration 0024), but analytics are asked about where something left a check
-- (triggers/analytics_checks_v1.sql), not of everybody who is here, and of input and of reports that wait one row a
-- project is read.
create or replace function claim_digests(p_lease uuid, p_seconds integer, p_most integer, p_only uuid[] default null)
  returns table (project_id uuid, tries integer)
  language plpgsql security definer set search_path = public, pg_temp
  -- Planned each time: among all projects, or in a few. By indexes, also while a table has some pages only.
  set plan_cache_mode = force_custom_plan
  set enable_seqscan = off
  -- Up to PostgreSQL 17 what is read whole nevertheless is priced as if it were vast, and compiled at each look.
  set jit = off
as $$
#variable_conflict use_column
declare
  due uuid[];
  -- Checks that are answered by this look, and projects that are asked about by a new one instead.
  answered bigint[];
  again uuid[];
begin
  with recursive
  -- Which have input that waits: from one to the next by the index, however much there is in each.
  with_input as (
    (
      select t.project_id from tracked_activities t
      where t.digested_at is null and p_only is null
      order by t.project_id
      limit 1
    )
    union all
    select (
      select t.project_id from tracked_activities t
      where t.digested_at is null and t.project_id > w.project_id
      order by t.project_id
      limit 1
    )
    from with_input w
    where w.project_id is not null
  ),
  -- And which have reports.
  with_reports as (
    (
      select a.project_id from agent_activities a
      where a.digested_version is null and p_only is null
      order by a.project_id
      limit 1
    )
    union all
    select (
      select a.project_id from agent_activities a
      where a.digested_version is null and a.project_id > w.project_id
      order by a.project_id
      limit 1
    )
    from with_reports w
    where w.project_id is not null
  ),
  asked as materialized (
    select k.id, k.project_id from analytics_checks k where p_only is null or k.project_id = any(p_only)
  ),
  stale as materialized (
    select a.project_id, count(*) as checks
    from asked a
    group by a.project_id
    having exists (select from stale_members(a.project_id))
  )
  select
    (
      select array_agg(d.project_id) from (
        select w.project_id from with_input w where w.project_id is not null
        union
        select w.project_id from with_reports w where w.project_id is not null
        union
        select p.project_id
        from unnest(p_only) as p (project_id)
        where (
          select true from tracked_activities t
          where t.project_id = p.project_id and t.digested_at is null
          order by t.user_id, t.id
          limit 1
        ) or (
          select true from agent_activities a
          where a.project_id = p.project_id and a.digested_version is null
          order by a.received_at
          limit 1
        )
        union
        select s.project_id from stale s
      ) as d
    ),
    -- Nobody is stale there, or a new check asks it again. None of several is kept: whoever looked before this may
    -- have seen that one and not what another was left for, and takes it away. A single one was left for all.
    (
      select array_agg(a.id) from asked a
      left join stale s on s.project_id = a.project_id
      where s.checks is distinct from 1
    ),
    (select array_agg(s.project_id) from stale s where s.checks > 1)
  into due, answered, again;
  -- Waits for nobody: what another claim begins at the same moment is that one's, what is being erased nobody's
  -- (erase_project has the same lock). Apart, so that no lock is taken of those that have a row.
  with never as materialized (
    select p.project_id from unnest(due) as p (project_id)
    where not exists (select from project_digests d where d.project_id = p.project_id)
  )
  insert into project_digests (project_id, tries, failure)
  select n.project_id, 0, ''
  from never n
  where pg_try_advisory_xact_lock(hashtextextended('first digest of ' || n.project_id, 0))
  limit p_most
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
  insert into analytics_checks (project_id) select unnest(again);
  -- Last, so that nothing is waited for with these locked. Whoever looks at the same moment has the same ones.
  with mine as materialized (
    select k.id from analytics_checks k where k.id = any(answered) for update skip locked
  )
  delete from analytics_checks k using mine where k.id = mine.id;
end
$$;
