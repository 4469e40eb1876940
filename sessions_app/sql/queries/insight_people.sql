-- What each person's sessions of a project in one period come to, most sessions first; `people` is how many
-- persons there are in all.
with chosen as (
  select r.user_id, r.bucket,
    unnest(r.span_seconds) as span, unnest(r.active_seconds) as active, unnest(r.items_decided) as decided
  from session_rollups r
  where r.project_id = %(project)s and r.bucket >= %(start)s and r.bucket < %(end)s
),
of_days as (
  select user_id, count(span) as sessions, sum(span) as open, sum(active) as active, sum(decided) as decided
  from chosen
  -- Selected, so that the days are read from their text once and not for every row.
  group by user_id, width_bucket(bucket, (select %(days)s::timestamptz[]))
),
summed as (
  select
    user_id,
    sum(sessions)::bigint as sessions,
    count(*) as days,
    coalesce(sum(open), 0)::bigint as open_seconds,
    coalesce(sum(active), 0)::bigint as active_seconds,
    coalesce(sum(decided), 0)::bigint as items_decided
  from of_days
  group by user_id
)
select u.id, u.display_name as name, u.email, s.*, count(*) over () as people
from summed s
join users u on u.id = s.user_id
order by s.sessions desc, u.display_name, u.id
limit %(most)s
