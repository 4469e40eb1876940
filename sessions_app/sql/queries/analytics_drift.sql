-- Stored analytics rows that claim to be of today's versions, or of later ones, and do not say what they
-- should: each value beside the right one. When somebody was active last may lag behind, for that alone makes
-- no row old; later than any session, or with no session at all, it cannot be.
select t.project_id, t.user_id, d.what, d.stored, d.recomputed
from true_analytics(%(projects)s, %(user)s, %(since)s) as t
join session_analytics a on a.id = t.id
cross join lateral (
  values
    ('items_decided_since', a.items_decided_since::text, t.items_decided_since::text),
    ('items_exploring', a.items_exploring::text, t.items_exploring::text),
    ('items_parked', a.items_parked::text, t.items_parked::text),
    ('pending_questions', a.pending_questions::text, t.pending_questions::text),
    ('previous_activity', a.previous_activity::text, t.previous_activity::text),
    (
      'last_activity', a.last_activity::text,
      -- least() skips what is null.
      case when t.last_activity is not null then least(t.last_activity, a.last_activity) end::text
    ),
    ('computed_version', a.computed_version::text, least(a.computed_version, t.version)::text),
    (
      'computed_member_version',
      a.computed_member_version::text, least(a.computed_member_version, t.member_version)::text
    )
) as d (what, stored, recomputed)
where a.computed_version >= t.version and a.computed_member_version >= t.member_version
  and d.stored is distinct from d.recomputed
order by t.project_id, t.user_id, d.what
