-- Make hours of the minutes of one day at most, the oldest first; tells how many minutes went.
with first_one as (
  select min(m.at) as at from metric_samples m where m.resolution = 'minute' and m.at < %(before)s
),
minutes as (
  delete from metric_samples m
  using first_one f
  where m.resolution = 'minute' and m.at < least(%(before)s, date_trunc('day', f.at) + interval '1 day')
  returning m.*, date_trunc('hour', m.at) as hour
),
sums as (
  select m.hour, m.metric, m.labels, sum(m.total) as total, sum(m.observations) as observations,
    max(m.most) as most
  from minutes m
  group by m.hour, m.metric, m.labels
),
places as (
  select m.hour, m.metric, m.labels, c.place, sum(c.n) as n
  from minutes m
  cross join lateral unnest(m.classes) with ordinality as c (n, place)
  group by m.hour, m.metric, m.labels, c.place
),
hours as (
  insert into metric_samples (id, resolution, at, metric, labels, total, observations, most, classes)
  select gen_random_uuid(), 'hour', s.hour, s.metric, s.labels, s.total, s.observations, s.most,
    coalesce(
      (
        select array_agg(p.n order by p.place)
        from places p
        where p.hour = s.hour and p.metric = s.metric and p.labels = s.labels
      ),
      '{}'
    )
  from sums s
  -- A minute that came late, after its hour was made.
  on conflict (resolution, at, metric, labels) do update set
    total = metric_samples.total + excluded.total,
    observations = metric_samples.observations + excluded.observations,
    most = greatest(metric_samples.most, excluded.most),
    classes = coalesce(
      (
        select array_agg(coalesce(c.there, 0) + coalesce(c.added, 0) order by c.place)
        from unnest(metric_samples.classes, excluded.classes) with ordinality as c (there, added, place)
      ),
      '{}'
    )
)
select count(*) from minutes
