-- How many observations fell into each class, step by step, or each route's over the whole time.
select c.metric, c.labels, c.step, array_agg(c.n order by c.place) as classes
from (
  select
    s.metric,
    case when %(each)s then s.labels else '' end as labels,
    case when %(each)s then 0
      else floor(extract(epoch from s.at - %(first)s::timestamptz) / %(step)s)::integer end as step,
    u.place,
    sum(u.n)::bigint as n
  from metric_samples s
  cross join lateral unnest(s.classes) with ordinality as u (n, place)
  where s.metric = any(%(metrics)s) and s.resolution in ('minute', 'hour')
    and s.at >= %(first)s and s.at < %(end)s
  group by 1, 2, 3, 4
) as c
group by c.metric, c.labels, c.step
