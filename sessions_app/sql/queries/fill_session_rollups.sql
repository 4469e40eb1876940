-- Write the roll-up rows of these people's quarters of an hour, all their sessions there counted again; with no
-- people named, every row from `since` on.
insert into session_rollups as r (
  id, project_id, user_id, bucket, sessions, span_seconds, active_seconds, gap_seconds, lag_seconds,
  items_decided
)
select gen_random_uuid(), %(project)s, n.*
from session_rollup_rows(%(project)s, %(since)s) as n
where %(users)s::uuid[] is null
  or (n.user_id, n.bucket) in (select * from unnest(%(users)s::uuid[], %(buckets)s::timestamptz[]))
on conflict (project_id, user_id, bucket) do update
set sessions = excluded.sessions, span_seconds = excluded.span_seconds,
  active_seconds = excluded.active_seconds, gap_seconds = excluded.gap_seconds,
  lag_seconds = excluded.lag_seconds, items_decided = excluded.items_decided
