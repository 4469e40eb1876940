-- Give back those of these projects that are done, and tell what is left to do in the others: input that waits;
-- or else reports, or analytics that are old (as claim_digests judges).
with looked_at as materialized (
  select p.project_id,
    exists (
      select from tracked_activities t where t.project_id = p.project_id and t.digested_at is null
    ) as has_input,
    exists (
      select from agent_activities a where a.project_id = p.project_id and a.digested_version is null
    ) as has_reports,
    exists (
      select from user_sessions s
      join project_counters c on c.project_id = s.project_id
      join memberships m on m.project_id = s.project_id and m.user_id = s.user_id
      left join session_analytics y on y.project_id = s.project_id and y.user_id = s.user_id
      where s.project_id = p.project_id and s.is_active
        and (y.computed_version is distinct from c.version
          or y.computed_member_version is distinct from m.version)
    ) as has_old_analytics
  from unnest(%(projects)s::uuid[]) as p (project_id)
),
released as (
  update project_digests d
  set lease = null, leased_until = clock_timestamp(), tries = 0, failure = ''
  from looked_at l
  where d.project_id = l.project_id and d.lease = %(lease)s
    and not (l.has_input or l.has_reports or l.has_old_analytics)
)
select l.project_id, l.has_input
from looked_at l
where l.has_input or l.has_reports or l.has_old_analytics
