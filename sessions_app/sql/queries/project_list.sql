-- A person's projects, each with what waits for them there: those with open questions first, then those that
-- moved last; a page of them, from the first on or after one of them. What they are ordered by is looked up for
-- all of them, the rest (two index look-ups and one short range each) for the page alone.
with mine as (
  select
    p.id, p.title, p.archived_at, m.role, m.user_id,
    c.questions_open as questions, c.exploring, c.blockers_open as blockers, c.decided, c.parked,
    moved.created_at as updated_at,
    c.questions_open > 0 as waits,
    coalesce(moved.created_at, p.created_at) as moved_at
  from memberships m
  join projects p on p.id = m.project_id
  join project_counters c on c.project_id = m.project_id
  left join lateral (
    select a.created_at from activities a
    where a.project_id = m.project_id
    order by a.version desc, a.id desc
    limit 1
  ) as moved on true
  where m.user_id = %(user)s
    and (%(archived)s::boolean is null or (p.archived_at is not null) = %(archived)s)
    and position(lower(%(words)s::text) in lower(p.title)) > 0
),
page as (
  select * from mine
  where %(after_id)s::uuid is null
    or (waits, moved_at, id) < (%(after_waits)s::boolean, %(after_moved_at)s::timestamptz, %(after_id)s::uuid)
  order by waits desc, moved_at desc, id desc
  limit %(most)s
)
select
  page.*,
  last_one.session_end is null as is_first,
  coalesce(time_since_words(last_one.session_end, now()), 'first session') as last_session,
  case when last_one.session_end is null then page.decided else decided.n end as decided_since
from page
left join lateral (
  select s.session_end, (s.snapshot_at_start ->> 'version')::bigint as start_version
  from user_sessions s
  where s.project_id = page.id and s.user_id = page.user_id and not s.is_active
  order by s.session_end desc, s.session_start desc
  limit 1
) as last_one on true
left join lateral (
  select count(*) as n from items i
  where i.project_id = page.id and i.state = 'decided' and i.decided_version > last_one.start_version
) as decided on true
order by page.waits desc, page.moved_at desc, page.id desc
