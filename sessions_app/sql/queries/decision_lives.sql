-- How long each decision of a project stood, in one list for each way it ended: as rolled up, and told anew for the
-- items that moved since (decision_lives_of in sql/functions says what a life is).
with filled as materialized (
  select coalesce(max(f.version), 0) as version from rollup_fills f where f.project_id = %(project)s
),
told_anew as materialized (
  select l.*
  from filled f
  join project_counters c on c.project_id = %(project)s and c.version > f.version
  cross join lateral decision_lives_of(%(project)s, f.version, c.version) as l
),
lives as (
  select k.began_at, k.ended_at, k."end"
  from decision_lives k
  where k.project_id = %(project)s and not exists (
    select from told_anew t where t.item_id = k.item_id and t.began_version = k.began_version
  )
  union all
  select t.began_at, t.ended_at, t."end" from told_anew t
)
select
  coalesce(nullif(l."end", ''), 'stands') as "end",
  array_agg(extract(epoch from coalesce(l.ended_at, %(now)s) - l.began_at)::float8) as stood_seconds
from lives l
group by 1
