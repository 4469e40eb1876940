-- What happened in a stretch of the ledger, newest first, told in runs: facts of one actor on one day, one
-- after the other. Of each run come its newest lines; its counts by kind and its ends are of all of it.
--
-- Three things are left out that would be told twice: a dependency's blocker follows its item's decision, a
-- question's blocker its question, and a person asks only by contesting a decision. Runs are made of the newest facts only, so that a very long absence
-- costs no more than that; `all_kinds` counts the whole stretch, also what %(kinds)s leaves out, and is
-- there when no line is.
with found as not materialized (
  select a.id, a.version, a.kind, a.actor_kind, a.actor_id, a.actor_agent, a.created_at
  from activities a
  where a.project_id = %(project)s
    and a.version > %(low)s
    and (%(high)s::bigint is null or a.version <= %(high)s)
    and (
      %(run_version)s::bigint is null
      or (a.version, a.id) between (%(run_version)s, %(run_id)s::bigint)
        and (%(run_until_version)s::bigint, %(run_until_id)s::bigint)
    )
    and a.kind = any(%(shown_kinds)s)
    and (%(by)s = '' or a.actor_kind = %(by)s)
    and not (a.kind like 'blocker.%%' and a.item_id is not null)
    and not (a.kind = 'blocker.raised' and a.question_id is not null)
    and not (a.kind = 'question.asked' and a.actor_kind = 'user')
),
newest as materialized (
  select f.*, (f.created_at at time zone %(zone)s)::date as day
  from found f
  where f.kind = any(%(kinds)s)
    and (
      %(before_version)s::bigint is null
      or (f.version, f.id) < (%(before_version)s, %(before_id)s::bigint)
    )
  order by f.version desc, f.id desc
  limit %(most_read)s
),
marked as (
  select n.*,
    (
      (n.actor_kind, n.actor_id, n.actor_agent, n.day) is distinct from (
        lag(n.actor_kind) over w, lag(n.actor_id) over w, lag(n.actor_agent) over w, lag(n.day) over w
      )
    )::int as starts
  from newest n
  window w as (order by n.version desc, n.id desc)
),
runs as (
  select m.id, m.version, m.kind, m.day, sum(m.starts) over (order by m.version desc, m.id desc) as run
  from marked m
),
told as (
  select k.run, sum(k.n)::int as run_total, jsonb_object_agg(k.kind, k.n) as run_kinds,
    min(k.low) as run_low, max(k.high) as run_high
  from (
    select r.run, r.kind, count(*) as n,
      min(array[r.version, r.id]) as low, max(array[r.version, r.id]) as high
    from runs r
    group by r.run, r.kind
  ) as k
  group by k.run
),
shown as (
  select r.id, r.day, r.run,
    row_number() over (partition by r.run order by r.version desc, r.id desc) as place
  from runs r
)
select l.*, c.all_kinds
from (
  select case when %(counts)s then (
    select coalesce(jsonb_object_agg(k.kind, k.n), '{}')
    from (select f.kind, count(*) as n from found f group by f.kind) as k
  ) end as all_kinds
) as c
left join (
  select a.id, a.project_id, a.version, a.kind, a.actor_kind, a.actor_id, a.actor_agent,
    a.item_id, a.question_id, a.blocker_id, a.message_id, a.data, a.created_at,
    coalesce(nullif(u.display_name, ''), u.email, '') as actor_name,
    s.day, s.run, t.run_total, t.run_kinds, t.run_low, t.run_high
  from shown s
  join told t on t.run = s.run
  join activities a on a.id = s.id
  left join users u on u.id = a.actor_id
  where s.place <= %(most_of_run)s
  order by a.version desc, a.id desc
  limit %(most_lines)s
) as l on true
order by l.version desc, l.id desc
