-- How the jobs are: workers that were heard of within `silent`, jobs whose worker was not, what failed, and
-- for how many seconds the longest waiting one has been due.
select
  (
    select count(*) from procrastinate_workers w where w.last_heartbeat > now() - %(silent)s::interval
  ) as workers,
  count(*) filter (
    where j.status = 'doing' and (w.id is null or w.last_heartbeat <= now() - %(silent)s::interval)
  ) as stalled,
  count(*) filter (where j.status = 'failed') as failed,
  count(*) filter (where j.status = 'todo') as waiting,
  coalesce(
    extract(epoch from now() - min(coalesce(j.scheduled_at, e.at)) filter (where j.status = 'todo')), 0
  )::float as overdue_seconds
from procrastinate_jobs j
left join procrastinate_workers w on w.id = j.worker_id
left join lateral (
  select min(e.at) as at from procrastinate_events e where e.job_id = j.id and e.type = 'deferred'
) as e on true
