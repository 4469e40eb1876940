-- Until when everything is counted of a project: until the first thing in the ledger, or the first end of a
-- session, that no roll-up has; where nothing waits, until now. NULL: nothing is yet.
select min(least(
  %(now)s::timestamptz,
  (
    select min(a.created_at) from activities a
    where a.project_id = f.project_id and a.version > f.version
  ),
  (
    select min(s.session_end) from user_sessions s
    where s.project_id = f.project_id and not s.is_active and s.measured_at is null
  )
)) as until
from rollup_fills f
where f.project_id = %(project)s
