-- As before (fold_input_v1.sql, which says what it does), but each session is looked up once: what is counted is told
-- by the update that keeps it alive whether there is one. And what waits is read by its index: a batch reads its share
-- of a heap, not all of it in each batch.
create or replace function fold_waiting_input(p_projects uuid[], p_user uuid, p_most_each integer, p_now timestamptz)
  returns bigint
  language plpgsql security definer set search_path = public, pg_temp
  -- Planned for what it is asked each time: one person's input in one project is not what all is in hundreds.
  set plan_cache_mode = force_custom_plan
  -- Else, up to a million rows or so, the whole table is read to find a batch's.
  set enable_seqscan = off
  set jit = off
as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  -- Where to look, and after whom.
  sought uuid[] := mine_of(p_projects);
  after uuid[] := array_fill(nobody, array[cardinality(sought)]);
  -- Whose input is folded, and up to which row of theirs.
  projects uuid[] := '{}';
  people uuid[] := '{}';
  up_to bigint[] := '{}';
  more record;
  folded bigint;
begin
  while cardinality(sought) > 0 loop
    with waiting as materialized (
      select l.project_id, w.user_id, w.id
      from unnest(sought, after) as l (project_id, after)
      -- In the index's own order, and no more than a share from each: a project with a heap holds up no other.
      cross join lateral (
        select t.user_id, t.id
        from tracked_activities t
        where t.project_id = l.project_id and t.user_id > l.after and t.digested_at is null
          and (p_user is null or t.user_id = p_user)
        order by t.user_id, t.id
        limit p_most_each
      ) as w
    ),
    whose as (
      select w.project_id, w.user_id, max(w.id) as up_to from waiting w group by w.project_id, w.user_id
    ),
    locked as materialized (
      select m.project_id, m.user_id
      from memberships m
      where (m.project_id, m.user_id) in (select w.project_id, w.user_id from whose w)
      order by m.id
      for no key update skip locked
    ),
    told as materialized (
      select w.project_id, w.user_id, w.up_to,
        -- Whoever was taken out meanwhile has nothing to be locked, and input that is folded into nothing.
        (w.project_id, w.user_id) in (select l.project_id, l.user_id from locked l)
          or not exists (
            select from memberships m where m.project_id = w.project_id and m.user_id = w.user_id
          ) as is_free
      from whose w
    )
    select
      array_agg(t.project_id) filter (where t.is_free) as projects,
      array_agg(t.user_id) filter (where t.is_free) as people,
      array_agg(t.up_to) filter (where t.is_free) as up_to,
      -- Where all whose input came first are in other hands, those behind them are looked for.
      (select array_agg(b.project_id order by b.project_id) from (
        select s.project_id from told s group by s.project_id having not bool_or(s.is_free)
      ) as b) as sought,
      (select array_agg(b.last_one order by b.project_id) from (
        select s.project_id, (array_agg(s.user_id order by s.user_id desc))[1] as last_one
        from told s group by s.project_id having not bool_or(s.is_free)
      ) as b) as after
    into more
    from told t;
    projects := projects || more.projects;
    people := people || more.people;
    up_to := up_to || more.up_to;
    sought := more.sought;
    after := more.after;
  end loop;
  if cardinality(projects) = 0 then
    return 0;
  end if;
  -- A statement of its own: it sees what was committed before the memberships were locked.
  with done as (
    update tracked_activities t
    set digested_at = p_now
    from unnest(projects, people, up_to) as w (project_id, user_id, up_to)
    where t.project_id = w.project_id and t.user_id = w.user_id and t.id <= w.up_to and t.digested_at is null
    returning t.project_id, t.user_id, t.version, t.received_at
  ),
  counted as (
    select d.project_id, d.user_id, count(*) as n, max(d.received_at) as last_at, max(d.version) as last_version
    from done d
    group by d.project_id, d.user_id
  ),
  -- By the newest row of each person; who did nothing in the session under way does not keep it alive.
  kept_alive as (
    update user_sessions s
    set last_activity = greatest(s.last_activity, c.last_at),
      end_version = greatest(s.end_version, c.last_version),
      updated_at = p_now
    from counted c
    where s.project_id = c.project_id and s.user_id = c.user_id and s.is_active and s.session_start <= c.last_at
    returning s.project_id, s.user_id
  ),
  to_store as materialized (
    select c.project_id, c.user_id, c.n, case when k.user_id is not null then c.last_at end as last_at
    from counted c
    left join kept_alive k on k.project_id = c.project_id and k.user_id = c.user_id
  ),
  stored as (
    update session_analytics a
    set activities_tracked = a.activities_tracked + t.n,
      last_activity = greatest(a.last_activity, t.last_at),
      updated_at = p_now
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
      -1, -1, p_now, p_now
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
  select coalesce(sum(t.n), 0) into folded from to_store t;
  return folded;
end
$$;
