-- What many members of one project are shown, all at one version: for each the summary, whether steps of theirs
-- are marked, and whether a blocker waits for them by name (then their steps are like nobody else's).
select
  m.user_id,
  get_session_summary(m.user_id, m.project_id, %(now)s) as summary,
  exists (select from step_marks k where k.membership_id = m.id)
    or exists (
      select from blockers b
      where b.project_id = m.project_id and b.status = 'open' and b.waits_for_id = m.user_id
    ) as has_own_steps
from memberships m
where m.project_id = %(project)s and m.user_id = any(%(users)s::uuid[])
