-- Add samples to those that are there already: several processes have the same minute.
insert into metric_samples (id, resolution, at, metric, labels, total, observations, most, classes)
select gen_random_uuid(), s.resolution, s.at, s.metric, s.labels, s.total, s.observations, s.most, s.classes
from jsonb_to_recordset(%(samples)s::jsonb) as s (
  resolution text, at timestamptz, metric text, labels text,
  total double precision, observations bigint, most double precision, classes bigint[]
)
-- In one order: two processes that write the same rows wait for each other, and never in a circle.
order by s.resolution, s.at, s.metric, s.labels
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
