-- How figures went, step by step: what is kept of them between two moments. Of their labels those that name
-- one of very many (a route, a job) are left out, unless `each`: then each is told, over the whole time.
select
  s.metric,
  case when %(each)s then s.labels else regexp_replace(s.labels, '(^|,)(by|route|task)=[^,]*', '', 'g') end
    as labels,
  case when %(each)s then 0
    else floor(extract(epoch from s.at - %(first)s::timestamptz) / %(step)s)::integer end as step,
  sum(s.total) as total,
  sum(s.observations)::bigint as observations,
  max(s.most) as most
from metric_samples s
where s.metric = any(%(metrics)s) and s.resolution in ('minute', 'hour')
  and s.at >= %(first)s and s.at < %(end)s
group by 1, 2, 3
