-- As before (own_projects_v1.sql says what it is and why it passes by the policies), by indexes, and of the projects
-- that functions/projects_found_v1.sql tells, which asks who acts.
create or replace function own_projects(
  p_user uuid, p_archived boolean, p_words text,
  p_after_waits boolean, p_after_moved_at timestamptz, p_after_id uuid, p_most integer
) returns table (
  id uuid, title varchar, archived_at timestamptz, role varchar,
  questions integer, exploring integer, blockers integer, decided integer, parked integer,
  updated_at timestamptz, waits boolean, moved_at timestamptz,
  is_first boolean, last_session text, decided_since bigint
)
  language sql stable security definer set search_path = public, pg_temp
  -- By indexes: while all there are is a table of some pages, that one would be read whole.
  set enable_seqscan = off
  set jit = off
as $$
  with page as (
    select
      p.id, p.title, p.archived_at, p.role,
      c.questions_open as questions, c.exploring, c.blockers_open as blockers, c.decided, c.parked,
      moved.created_at as updated_at, order_by.waits, order_by.moved_at
    from projects_found(p_user, p_archived, p_words) as p
    join project_counters c on c.project_id = p.id
    left join lateral (
      select a.created_at from activities a
      where a.project_id = p.id
      order by a.version desc, a.id desc
      limit 1
    ) as moved on true
    cross join lateral (
      select c.questions_open > 0 as waits, coalesce(moved.created_at, p.created_at) as moved_at
    ) as order_by
    where p_after_id is null
      or (order_by.waits, order_by.moved_at, p.id) < (p_after_waits, p_after_moved_at, p_after_id)
    order by order_by.waits desc, order_by.moved_at desc, p.id desc
    limit p_most
  )
  select
    page.id, page.title, page.archived_at, page.role,
    page.questions, page.exploring, page.blockers, page.decided, page.parked,
    page.updated_at, page.waits, page.moved_at,
    last_one.session_end is null,
    coalesce(time_since_words(last_one.session_end, now()), 'first session'),
    case when last_one.session_end is null then page.decided else decided.n end
  from page
  left join lateral (
    select s.session_end, (s.snapshot_at_start ->> 'version')::bigint as start_version
    from user_sessions s
    where s.project_id = page.id and s.user_id = p_user and not s.is_active
    order by s.session_end desc, s.session_start desc
    limit 1
  ) as last_one on true
  left join lateral (
    select count(*) as n from items i
    where i.project_id = page.id and i.state = 'decided' and i.decided_version > last_one.start_version
  ) as decided on true
  order by page.waits desc, page.moved_at desc, page.id desc
$$;
