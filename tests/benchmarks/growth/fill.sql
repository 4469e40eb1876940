-- A world as large as it is asked for, made by statements over sets, past triggers and foreign keys, which
-- would count and check one by one what is consistent by its making.
--
-- The versions of a project go round its items: each is added in the first round, spoken of in the fifth of
-- every ten, and decided, taken up, parked or edited in the others; the last round leaves a third of them
-- decided, a third parked and a third exploring. A project lives for a year.

insert into users (
  id, password, is_superuser, email, display_name, time_zone, hides_agents, is_staff, is_active, created_at
)
select md5('user' || n)::uuid, '!', false, 'p' || n || '@example.org', 'Person ' || n, 'UTC', false, false, true,
  now() - interval '1 year'
from generate_series(0, %(users)s - 1) as n;

-- Where everything is: kinds of projects, each so many times. Ann, Bob and Vera are in every single one, and Ann
-- in twenty of those that are many; their other people are the first of all, or five by turns.
create table places (
  n integer primary key, id uuid, items integer, versions bigint, sessions integer, people uuid[]
);
insert into places
select n, case n when 0 then %(first)s else md5('project' || n)::uuid end, k.items, k.items * k.rounds::bigint, k.sessions,
  case
    when k.times = 1 then
      (%(cast)s)[1:k.members]
      || array(select md5('user' || m)::uuid from generate_series(0, k.members - 4) as m)
    else
      case when n <= 20 then (%(cast)s)[1:1] else '{}' end
      || array(select md5('user' || (n * 7 + m) %% %(users)s)::uuid from generate_series(1, k.members) as m)
  end
from (
  select k.*, row_number() over (order by k.place, t) - 1 as n
  from jsonb_to_recordset(%(kinds)s) as k (
    place integer, items integer, rounds integer, members integer, sessions integer, times integer
  )
  cross join lateral generate_series(1, k.times) as t
) as k;
analyze places;

insert into projects (id, title, created_by_id, created_at, updated_at)
select p.id, 'Project ' || p.n, p.people[1], now() - interval '1 year', now() from places p where p.n > 0;
insert into memberships (id, project_id, user_id, role, version, created_at)
select gen_random_uuid(), p.id, m.id, case m.k when 1 then 'owner' else 'editor' end, 0,
  now() - interval '1 year' + m.k * interval '1 minute'
from places p cross join lateral unnest(p.people) with ordinality as m (id, k)
on conflict do nothing;

-- A version of every project in turn, as they would have come.
insert into activities (
  project_id, version, kind, actor_kind, actor_id, actor_agent, item_id, message_id, data, created_at
)
select p.id, v,
  case
    when r = 0 then 'item.added'
    when r %% 10 = 5 then 'message.posted'
    when i %% 3 = 0 and r %% 10 in (1, 3, 7, 9) then 'item.decided'
    when i %% 3 = 2 and r %% 10 in (1, 3, 7, 9) then 'item.parked'
    when i %% 3 <> 1 and r %% 10 in (2, 6, 8) then 'item.explored'
    else 'item.edited'
  end,
  case when v %% 11 = 0 then 'agent' else 'user' end,
  case when v %% 11 > 0 then p.people[1 + (v * 31 + r) %% cardinality(p.people)] end,
  case when v %% 11 = 0 then 'PlannerAgent' else '' end,
  case when r %% 10 <> 5 then md5('item' || p.n || ' ' || i)::uuid end,
  case when r %% 10 = 5 then md5('message' || p.n || ' ' || i)::uuid end,
  '{"title": "An idea of the roof"}',
  now() - (p.versions - v) * (interval '365 days' / p.versions)
from (
  -- In turn by a sort: to compare each version with each project takes minutes where these are many.
  select p.n, v from places p cross join lateral generate_series(1, p.versions) as v order by v, p.n
) as each_one (n, v)
join places p on p.n = each_one.n
cross join lateral (select (v - 1) / p.items as r, (v - 1) %% p.items as i) as at;

insert into items (
  id, project_id, title, text, state, reason, outcome, version, state_version, decided_version, changed_at,
  state_changed_at, state_by_id, state_by_agent, wake_at, citation_quote, import_key, import_seen,
  import_people, created_by_id, created_by_agent, created_at
)
select md5('item' || p.n || ' ' || i)::uuid, p.id, 'Idea ' || i || case i %% 1000 when 7 then ' of the roof' else ' of the lamp' end, 'What was thought of it.', state,
  'For it is so.', '', v, v, case state when 'decided' then v end, at, at,
  case when v %% 11 > 0 then p.people[1 + (v * 31 + (v - 1) / p.items) %% cardinality(p.people)] end,
  case when v %% 11 = 0 then 'PlannerAgent' else '' end,
  case when state = 'parked' and i %% 100 = 2 then now() + (i - case p.n when 0 then 3 else 0 end) * interval '1 hour' end,
  '', '', '{}', '{}', p.people[1], '', now() - interval '1 year'
from places p
cross join lateral generate_series(0, p.items - 1) as i
cross join lateral (
  select p.versions - p.items + i + 1 as v, (array['decided', 'exploring', 'parked'])[1 + i %% 3] as state
) as s
cross join lateral (select now() - (p.versions - v) * (interval '365 days' / p.versions) as at) as t;

insert into messages (
  id, project_id, role, agent_type, text, metadata, version, created_at, user_id
)
select md5('message' || p.n || ' ' || i)::uuid, p.id, 'user', '', 'What about lamp ' || i || '?', '{}', v,
  now() - (p.versions - v) * (interval '365 days' / p.versions), p.people[1 + i %% cardinality(p.people)]
from places p
cross join lateral generate_series(0, p.items - 1) as i
cross join lateral (select p.items * 5 + i + 1 as v) as s;

-- Of the large project thousands that are over, and what is open; two open ones in a tenth of the others.
insert into questions (
  id, project_id, agent_type, text, category, importance, options, fingerprint, status, blocks, times_seen,
  last_seen_at, version, answer, created_at, ended_at
)
select md5('question' || p.n || ' ' || i)::uuid, p.id, 'QuestionerAgent', 'May it cost ' || i || '?', '', '', '[]',
  'q' || i, case when i < k.open then 'open' else 'answered' end, false, 1, now(), i + 1,
  case when i < k.open then '' else 'Yes' end, now() - i * interval '1 hour',
  case when i >= k.open then now() - i * interval '50 minutes' end
from places p
cross join lateral (select case p.n when 0 then %(open)s else 2 end as open) as k
cross join lateral generate_series(0, case p.n when 0 then p.items / 20 else 1 end) as i
where p.n %% 10 = 0;
insert into question_items (id, project_id, question_id, item_id)
select gen_random_uuid(), q.project_id, q.id, md5('item0 ' || (1 + 3 * row_number() over ()))::uuid
from questions q where q.project_id = %(first)s and q.status = 'open';
insert into blockers (
  id, project_id, type, source, agent_type, text, fingerprint, status, times_seen, last_seen_at, version,
  ended_at, ended_how, created_at
)
select md5('blocker' || i)::uuid, %(first)s, 'information', 'agent', 'GapAgent', 'Nobody knows ' || i, 'b' || i,
  case when i < %(open)s then 'open' else 'cleared' end, 1, now(), i + 1, null, '',
  now() - i * interval '1 hour'
from generate_series(0, (select items / 20 from places where n = 0)) as i;
insert into blocker_items (id, project_id, blocker_id, item_id)
select gen_random_uuid(), %(first)s, b.id, md5('item0 ' || (1 + 3 * row_number() over ()))::uuid
from blockers b where b.status = 'open';
insert into item_dependencies (id, project_id, waiting_id, blocking_id, is_imported, created_at)
select gen_random_uuid(), p.id, md5('item' || p.n || ' ' || i)::uuid, md5('item' || p.n || ' ' || (i + 3))::uuid, false, now()
from places p cross join lateral generate_series(1, p.items - 4, 20) as i;

-- A session is forty versions long at most, somewhere in its own share of the project's life. Some are not over.
insert into user_sessions (
  id, project_id, user_id, session_start, session_end, is_active, snapshot_at_start, metadata, last_activity,
  end_version, created_at, updated_at, measured_at, active_seconds, gap_seconds, lag_seconds, items_decided,
  inputs_measured
)
select gen_random_uuid(), p.id, m.id, at, case when not is_active then at + interval '20 minutes' end, is_active,
  jsonb_build_object(
    'version', v, 'taken_at', at, 'decided', 1, 'exploring', 1, 'parked', 1, 'pending_questions', 1
  ),
  '{}', at + interval '20 minutes', least(p.versions, v + 40), at, at,
  case when not is_active then now() end, 300 + k, 90000, 20, k %% 3, 0
from places p
cross join lateral unnest(p.people) with ordinality as m (id, n)
cross join lateral generate_series(1, p.sessions) as k
cross join lateral (select m.n between 4 and 20 and p.n %% 50 = 0 as is_here) as h
-- Their last one that is over ended a while ago, whatever the size.
cross join lateral (
  select greatest(
    0, p.versions - 100 - greatest(0, p.sessions - is_here::int - k) * (p.versions / (p.sessions + 2)) - m.n %% 40
  ) as v
) as s
cross join lateral (
  select is_here and k = p.sessions as is_active,
    now() - (p.versions - v) * (interval '365 days' / p.versions)
      - interval '1 hour' - (p.sessions - k) * interval '1 second' as begun
) as t
-- Who is here began just now.
cross join lateral (select case when is_active then now() - interval '22 minutes' else begun end as at) as u;
insert into session_analytics (
  id, project_id, user_id, items_decided_since, items_exploring, items_parked, pending_questions,
  suggested_next_steps, active_blockers, hidden_steps, activities_tracked, computed_version,
  computed_member_version, created_at, updated_at
)
select gen_random_uuid(), m.project_id, m.user_id, 1, 2, 3, 4, '[]', '[]', '[]', 0, 1, 0, now(), now()
from memberships m join places p on p.id = m.project_id;

insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at, digested_at)
select p.id, p.people[1 + k %% cardinality(p.people)], 'typed', '{}', p.versions,
  now() - (n.rows - k) * interval '5 minutes', case when k <= n.rows - n.waiting then now() end
from places p
cross join lateral (
  select case p.n when 0 then p.items * 2 else 20 end as rows, case p.n when 0 then %(waiting)s else 0 end as waiting
) as n
cross join lateral generate_series(1, n.rows) as k;
insert into agent_activities (
  id, project_id, agent_type, action, details, received_at, digested_version, failure, tries
)
select gen_random_uuid(), p.id, 'PlannerAgent', 'looks', '{"note": "All is well."}',
  now() - (n.rows - k) * interval '5 minutes', case when k <= n.rows - n.waiting then p.versions end, '', 0
from places p
cross join lateral (
  select case p.n when 0 then p.items / 5 else 20 end as rows, case p.n when 0 then 100 else 0 end as waiting
) as n
cross join lateral generate_series(1, n.rows) as k;
insert into seen_events (project_id, actor, event_id, body_hash, created_at)
select p.id, p.people[1], gen_random_uuid(), 'x', now() - k * interval '1 minute'
from places p cross join lateral generate_series(1, 20) as k;
insert into hand_offs (id, text, version, created_at, project_id, user_id)
select gen_random_uuid(), 'The lens is next.', v, now(), p.id, p.people[2]
from places p cross join lateral generate_series(1, p.versions, 4000) as v where p.n = 0;

-- The doors: what programs hold, what is to be sent.
insert into api_sign_ins (
  id, refresh_hash, auth_hash, refreshed_at, expires_at, ended_how, created_at, user_id
)
select gen_random_uuid(), md5('refresh' || n), 'x', now(), now() + interval '30 days', '', now(), md5('user' || n)::uuid
from generate_series(0, %(users)s - 1) as n;
insert into idempotency_keys (caller, route, key, body_hash, answer, created_at)
select 'user:' || md5('user' || n), 'POST /api/x', 'k' || n, 'x', '{}', now() - n * interval '1 second'
from generate_series(0, %(users)s * 4) as n;
insert into django_session (session_key, session_data, expire_date)
select md5('sign-in' || n), 'x', now() + interval '10 days' from generate_series(0, %(users)s * 2) as n;
insert into webhooks (id, url, agent_type, secret, created_at, created_by_id, project_id)
select md5('webhook' || p.n)::uuid, 'https://a.example/', '', 'x', now(), p.people[1], p.id
from places p where p.n %% 10 = 0;
insert into webhook_deliveries (
  id, event, payload, status, tries, next_try_at, last_error, created_at, ended_at, project_id, webhook_id
)
select gen_random_uuid(), 'question.answered', '{}', 'delivered', 1, now(), '', now() - k * interval '1 minute', now(), w.project_id, w.id
from webhooks w cross join lateral generate_series(1, 50) as k;

-- All is counted, and filled in but for the last minute.
insert into project_counters (
  project_id, version, exploring, decided, parked, questions_open, blockers_open
)
select p.id, p.versions, 0, 0, 0, 0, 0 from places p
on conflict (project_id) do update set version = excluded.version;
update project_counters c
set exploring = i.exploring, decided = i.decided, parked = i.parked
from (
  select project_id, count(*) filter (where state = 'exploring') as exploring,
    count(*) filter (where state = 'decided') as decided, count(*) filter (where state = 'parked') as parked
  from items group by project_id
) as i
where i.project_id = c.project_id;
update project_counters c set questions_open = q.n
from (select project_id, count(*) as n from questions where status = 'open' group by project_id) as q
where q.project_id = c.project_id;
update project_counters c set blockers_open = b.n
from (select project_id, count(*) as n from blockers where status = 'open' group by project_id) as b
where b.project_id = c.project_id;
insert into rollup_fills (project_id, version, filled_at)
select p.id, p.versions - case p.n when 0 then 20 else 0 end, now() from places p;
-- As triggers would have left them, with all that is above.
insert into analytics_checks (project_id) select distinct project_id from user_sessions where is_active;
