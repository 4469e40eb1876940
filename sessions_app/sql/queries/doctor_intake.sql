-- How many rows wait for the digester, and for how many seconds the oldest has waited.
select count(*) as waiting,
  coalesce(extract(epoch from now() - min(w.received_at)), 0)::float as oldest_seconds
from (
  select received_at from tracked_activities where digested_at is null
  union all
  select received_at from agent_activities where digested_version is null
) as w
