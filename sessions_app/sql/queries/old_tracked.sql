-- A project's tracked input that nothing needs any more: digested, older than `before`, and of no session
-- that is under way or still to be measured.
select t.id, t.received_at
from tracked_activities t
where t.project_id = %(project)s and t.received_at < %(before)s and t.digested_at is not null
  and not exists (
    select from user_sessions s
    where s.project_id = t.project_id and s.user_id = t.user_id and s.measured_at is null
      and s.session_start <= t.received_at and (s.session_end is null or s.session_end >= t.received_at)
  )
order by t.received_at
limit %(most)s
