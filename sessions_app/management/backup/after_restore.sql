-- What is true of the moment and the place of a back-up only, and would be wrong after its restore.

-- Transaction numbers of the other cluster: one of them may come again here, and would pass for this version's.
update project_counters set version_transaction = null;

-- The clock starts these anew. Left here they would count as failed, and alarm for two weeks, for such a job has
-- one try (jobs/job.py).
delete from procrastinate_jobs where status = 'doing' and queueing_lock is not null;

-- No worker of back then is at work. Its other jobs are found without one, and tried again as after any death of
-- a worker (jobs/stalled.py): once, with the try counted.
delete from procrastinate_workers;

-- Nor is a digester, and no project waits for the end of a lease.
update project_digests set lease = null, leased_until = null, tries = 0, failure = '';

-- Whoever signed out since would be signed in again: everybody signs in anew, by the API too.
update api_sign_ins set ended_at = now(), ended_how = 'restored from a back-up' where ended_at is null;

-- What comes now may be of months that were far away then. A back-up of an earlier release knows of no months.
do $$
begin
  if to_regproc('missing_partitions') is not null then
    perform make_partition(m.parent, m.since) from missing_partitions(now()) as m;
  end if;
end
$$;
