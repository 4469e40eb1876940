-- How long each decision of a project that began in a period stood so far, in one list for each way it ended.
select
  coalesce(nullif(l."end", ''), 'stands') as "end",
  array_agg(extract(epoch from coalesce(l.ended_at, %(now)s) - l.began_at)::float8) as stood_seconds
from decision_lives l
where l.project_id = %(project)s and l.began_at >= %(start)s and l.began_at < %(end)s
group by 1
