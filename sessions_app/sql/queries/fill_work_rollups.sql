-- Add the ledger's rows after version `after`, up to `until`, to what is counted. Returns how many they are.
with work as materialized (
  select w.* from work_rollup_rows(%(project)s, %(after)s, %(until)s) as w
),
added as (
  insert into work_rollups as r (id, project_id, bucket, kind, actor_kind, times, wait_seconds)
  select gen_random_uuid(), %(project)s, w.* from work w
  on conflict (project_id, bucket, kind, actor_kind) do update
  set times = r.times + excluded.times, wait_seconds = r.wait_seconds || excluded.wait_seconds
)
select coalesce(sum(w.times), 0) as activities from work w
