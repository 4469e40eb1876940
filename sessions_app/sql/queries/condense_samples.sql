-- Take away the minutes of one day at most, the oldest first, and tell what they come to by the hour.
with first_one as (
  select min(m.at) as at from metric_samples m where m.resolution = 'minute' and m.at < %(before)s
),
minutes as (
  delete from metric_samples m
  using first_one f
  where m.resolution = 'minute' and m.at < least(%(before)s, date_trunc('day', f.at) + interval '1 day')
  returning m.*, date_trunc('hour', m.at) as hour
),
places as (
  select m.hour, m.metric, m.labels, c.place, sum(c.n)::bigint as n
  from minutes m
  cross join lateral unnest(m.classes) with ordinality as c (n, place)
  group by m.hour, m.metric, m.labels, c.place
)
select
  m.hour as at, m.metric, m.labels, sum(m.total) as total, sum(m.observations)::bigint as observations,
  max(m.most) as most,
  coalesce(
    (
      select array_agg(p.n order by p.place)
      from places p
      where p.hour = m.hour and p.metric = m.metric and p.labels = m.labels
    ),
    '{}'
  ) as classes,
  count(*) as minutes
from minutes m
group by m.hour, m.metric, m.labels
