-- A person's projects, and what their own sessions there in one period come to; most sessions first. A null
-- `most` is no limit; `projects` says how many there are in all.
select
  p.id, p.title,
  coalesce(sum(r.sessions), 0)::bigint as sessions,
  -- Selected, so that the days are read from their text once and not for every row.
  count(distinct width_bucket(r.bucket, (select %(days)s::timestamptz[]))) as days,
  coalesce(sum((select sum(n) from unnest(r.span_seconds) as n)), 0)::bigint as open_seconds,
  coalesce(sum((select sum(n) from unnest(r.active_seconds) as n)), 0)::bigint as active_seconds,
  coalesce(sum((select sum(n) from unnest(r.items_decided) as n)), 0)::bigint as items_decided,
  count(*) over () as projects
from own_projects_found(%(user)s, null, '') as p
left join session_rollups r
  on r.project_id = p.id and r.user_id = %(user)s and r.bucket >= %(start)s and r.bucket < %(end)s
group by p.id, p.title
order by sessions desc, p.title, p.id
limit %(most)s
