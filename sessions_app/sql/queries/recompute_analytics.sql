-- Bring the counts and times of stored analytics rows to what they should be; only rows that differ are
-- written. A row that claimed to be of today's versions and was not has steps that nobody can trust either:
-- it is marked stale, and they are computed when it is read. Says
-- for each project how many rows were written and how many of those marked.
with written as (
  update session_analytics a
  set last_activity = t.last_activity,
    previous_activity = t.previous_activity,
    items_decided_since = t.items_decided_since,
    items_exploring = t.items_exploring,
    items_parked = t.items_parked,
    pending_questions = t.pending_questions,
    computed_version = case
      when a.computed_version >= t.version and a.computed_member_version >= t.member_version and (
        a.computed_version, a.computed_member_version,
        a.previous_activity, a.items_decided_since, a.items_exploring, a.items_parked, a.pending_questions
      ) is distinct from (
        t.version, t.member_version,
        t.previous_activity, t.items_decided_since, t.items_exploring, t.items_parked, t.pending_questions
      ) then %(stale)s
      else a.computed_version
    end,
    updated_at = %(now)s
  from true_analytics(%(projects)s, %(user)s, %(since)s) as t
  where a.id = t.id
    -- Asked again where a lock was waited for: whoever held it has computed the row anew.
    and a.updated_at = t.stored_at
    and (
      (
        a.last_activity, a.previous_activity,
        a.items_decided_since, a.items_exploring, a.items_parked, a.pending_questions
      ) is distinct from (
        t.last_activity, t.previous_activity,
        t.items_decided_since, t.items_exploring, t.items_parked, t.pending_questions
      )
      -- Versions that are not there yet would be believed one day.
      or (
        a.computed_version >= t.version and a.computed_member_version >= t.member_version
        and (a.computed_version, a.computed_member_version) <> (t.version, t.member_version)
      )
    )
  returning a.project_id, a.computed_version
)
select w.project_id, count(*) as written,
  count(*) filter (where w.computed_version = %(stale)s) as marked_stale
from written w
group by w.project_id
