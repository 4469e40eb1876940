-- How the whole system stands at `p_now`: numbers only, over all projects and none by name, so whoever may
-- connect may ask. Jobs that wait (and since when the oldest of them is due), run and failed; workers that
-- were heard of within `p_worker_seconds`; what the intake holds that nobody digested yet; active sessions.
create function system_now(p_now timestamptz, p_worker_seconds double precision)
  returns table (
    jobs_due bigint, jobs_later bigint, jobs_running bigint, jobs_failed bigint, job_lag_seconds double precision,
    workers bigint, worker_silent_seconds double precision,
    tracked_waiting bigint, reported_waiting bigint, intake_lag_seconds double precision,
    sessions_active bigint
  )
  -- Not in SQL, whose body is checked when it is made: the tables of the jobs may come later.
  language plpgsql stable security definer set search_path = public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with waiting as (
    -- A job that waits for no moment is due since it was left, or left again.
    select coalesce(
      j.scheduled_at,
      (select max(e.at) from procrastinate_events e where e.job_id = j.id),
      p_now
    ) as due_at
    from procrastinate_jobs j where j.status = 'todo'
  ),
  jobs as (
    select
      count(*) filter (where w.due_at <= p_now) as due,
      count(*) filter (where w.due_at > p_now) as later,
      extract(epoch from p_now - min(w.due_at)) as lag
    from waiting w
  ),
  heard as (
    select
      count(*) filter (where w.last_heartbeat > clock_timestamp() - make_interval(secs => p_worker_seconds)) as workers,
      extract(epoch from clock_timestamp() - max(w.last_heartbeat)) as silent
    from procrastinate_workers w
  ),
  tracked as (
    select count(*) as n, min(t.received_at) as oldest from tracked_activities t where t.digested_at is null
  ),
  reported as (
    select count(*) as n, min(a.received_at) as oldest from agent_activities a where a.digested_version is null
  )
  select
    jobs.due, jobs.later,
    (select count(*) from procrastinate_jobs j where j.status = 'doing'),
    (select count(*) from procrastinate_jobs j where j.status = 'failed'),
    greatest(coalesce(jobs.lag, 0), 0)::double precision,
    heard.workers, heard.silent::double precision,
    tracked.n, reported.n,
    greatest(coalesce(extract(epoch from p_now - least(tracked.oldest, reported.oldest)), 0), 0)::double precision,
    (select count(*) from user_sessions s where s.is_active)
  from jobs, heard, tracked, reported;
end
$$;
