-- Tell anew the lives of the decisions on items that moved after version `after`. Returns how many lives
-- began or ended by that.
with told as (
  insert into decision_lives as l (
    id, project_id, item_id, began_version, began_at, actor_kind, ended_at, "end"
  )
  select gen_random_uuid(), %(project)s, n.*
  from decision_lives_of(%(project)s, %(after)s, %(until)s) as n
  on conflict (project_id, item_id, began_version) do update
  set ended_at = excluded.ended_at, "end" = excluded."end"
  where l.ended_at is distinct from excluded.ended_at
  returning 1
)
select count(*) as lives from told
