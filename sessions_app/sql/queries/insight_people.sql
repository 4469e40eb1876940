-- What each person's sessions of a project in one period come to, most sessions first; `people` is how many
-- persons there are in all.
with chosen as (
  select r.user_id, r.bucket, n.*
  from session_rollups r
  cross join lateral unnest(r.span_seconds, r.active_seconds, r.items_decided) as n (span, active, decided)
  where r.project_id = %(project)s and r.bucket >= %(start)s and r.bucket < %(end)s
),
summed as (
  select
    user_id,
    count(span) as sessions,
    -- Selected, so that the days are read from their text once and not for every row.
    count(distinct width_bucket(bucket, (select %(days)s::timestamptz[]))) as days,
    coalesce(sum(span), 0) as open_seconds,
    coalesce(sum(active), 0) as active_seconds,
    coalesce(sum(decided), 0) as items_decided
  from chosen
  group by user_id
)
select u.id, u.display_name as name, u.email, s.*, count(*) over () as people
from summed s
join users u on u.id = s.user_id
order by s.sessions desc, u.display_name, u.id
limit %(most)s
