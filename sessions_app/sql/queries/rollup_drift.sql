-- Where what is kept is not what the project's records give now: session facts (as far as their intake is still
-- there), and the roll-ups up to the version they are filled to. One statement, so that a fill beside it is
-- seen whole or not at all. No row: all is well.
with fill as materialized (
  select coalesce(max(f.version), 0) as version from rollup_fills f where f.project_id = %(project)s
),
measures as (
  select m.*
  from session_measures(
    %(project)s,
    array(
      select s.id from user_sessions s where s.project_id = %(project)s and s.measured_at is not null
    ),
    %(act_counts)s
  ) as m
),
compared as (
  select 'user_sessions' as place, s.id::text as what, to_jsonb(k) as kept, to_jsonb(m) as recomputed
  from measures m
  join user_sessions s on s.id = m.session_id and m.inputs_measured >= s.inputs_measured
  cross join lateral (
    select s.id as session_id, s.active_seconds, s.gap_seconds, s.lag_seconds, s.items_decided,
      s.inputs_measured
  ) as k

  union all
  select 'session_rollups', concat_ws(' ', coalesce(k.user_id, n.user_id), coalesce(k.bucket, n.bucket)),
    to_jsonb(k) - 'id' - 'project_id', to_jsonb(n)
  from (select r.* from session_rollups r where r.project_id = %(project)s) as k
  full join session_rollup_rows(%(project)s, '-infinity') as n
    on n.user_id = k.user_id and n.bucket = k.bucket

  union all
  select 'work_rollups',
    concat_ws(
      ' ', coalesce(k.bucket, n.bucket), coalesce(k.kind, n.kind), coalesce(k.actor_kind, n.actor_kind)
    ),
    to_jsonb(k) - 'id' - 'project_id', to_jsonb(n)
  from (select r.* from work_rollups r where r.project_id = %(project)s) as k
  full join (
    select w.* from fill f cross join lateral work_rollup_rows(%(project)s, 0, f.version) as w
  ) as n
    on n.bucket = k.bucket and n.kind = k.kind and n.actor_kind = k.actor_kind

  union all
  select 'decision_lives',
    concat_ws(' ', coalesce(k.item_id, n.item_id), coalesce(k.began_version, n.began_version)),
    to_jsonb(k) - 'id' - 'project_id', to_jsonb(n)
  from (select l.* from decision_lives l where l.project_id = %(project)s) as k
  full join (
    select d.* from fill f cross join lateral decision_lives_of(%(project)s, 0, f.version) as d
  ) as n
    on n.item_id = k.item_id and n.began_version = k.began_version
)
select c.place, c.what, c.kept, c.recomputed
from compared c
where c.kept is distinct from c.recomputed
order by c.place, c.what
