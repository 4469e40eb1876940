-- A person's projects, each with what waits for them there: one statement, two index look-ups and one
-- short range a project. Those with open questions first, then those that moved last.
select
  p.id, p.title, p.archived_at, m.role,
  c.questions_open as questions, c.exploring, c.blockers_open as blockers, c.decided, c.parked,
  last_one.session_end is null as is_first,
  coalesce(time_since_words(last_one.session_end, now()), 'first session') as last_session,
  case when last_one.session_end is null then c.decided else decided.n end as decided_since,
  moved.created_at as updated_at
from memberships m
join projects p on p.id = m.project_id
join project_counters c on c.project_id = m.project_id
left join lateral (
  select s.session_end, (s.snapshot_at_start ->> 'version')::bigint as start_version
  from user_sessions s
  where s.project_id = m.project_id and s.user_id = m.user_id and not s.is_active
  order by s.session_end desc, s.session_start desc
  limit 1
) as last_one on true
left join lateral (
  select count(*) as n from items i
  where i.project_id = m.project_id and i.state = 'decided' and i.decided_version > last_one.start_version
) as decided on true
left join lateral (
  select a.created_at from activities a
  where a.project_id = m.project_id
  order by a.version desc, a.id desc
  limit 1
) as moved on true
where m.user_id = %(user)s
order by c.questions_open = 0, moved.created_at desc nulls last, p.title, p.id
