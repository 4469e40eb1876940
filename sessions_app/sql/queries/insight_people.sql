-- What each person's sessions of a project in one period come to, most sessions first; `people` is how many
-- persons there are in all.
select
  u.id, u.display_name as name, u.email,
  sum(r.sessions)::bigint as sessions,
  count(distinct width_bucket(r.bucket, %(days)s::timestamptz[])) as days,
  sum((select coalesce(sum(n), 0) from unnest(r.span_seconds) as n))::bigint as open_seconds,
  sum((select coalesce(sum(n), 0) from unnest(r.active_seconds) as n))::bigint as active_seconds,
  sum((select coalesce(sum(n), 0) from unnest(r.items_decided) as n))::bigint as items_decided,
  count(*) over () as people
from session_rollups r
join users u on u.id = r.user_id
where r.project_id = %(project)s
  and r.bucket >= %(start)s and r.bucket < %(end)s
group by u.id, u.display_name, u.email
order by sessions desc, u.display_name, u.id
limit %(most)s
