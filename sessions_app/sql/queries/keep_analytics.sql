-- Keep analytics rows as they were just computed, of any people and projects. Whoever is a member no more is left out.
insert into session_analytics (
  id, user_id, project_id, last_activity, previous_activity, items_decided_since, items_exploring, items_parked,
  pending_questions, suggested_next_steps, hidden_steps, active_blockers, computed_version, computed_member_version,
  created_at, updated_at
)
-- In one order, so that two batches do not wait for each other; and of what was computed twice the newest.
select distinct on (k.user_id, k.project_id)
  gen_random_uuid(), k.user_id, k.project_id, k.last_activity, k.previous_activity, k.items_decided_since,
  k.items_exploring, k.items_parked, k.pending_questions, k.suggested_next_steps, k.hidden_steps, k.active_blockers,
  k.computed_version, k.computed_member_version, %(now)s, %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as k (
  user_id uuid, project_id uuid, last_activity timestamptz, previous_activity timestamptz, items_decided_since integer,
  items_exploring integer, items_parked integer, pending_questions integer, suggested_next_steps jsonb,
  hidden_steps jsonb, active_blockers jsonb, computed_version bigint, computed_member_version bigint
)
join memberships m on m.user_id = k.user_id and m.project_id = k.project_id
order by k.user_id, k.project_id, k.computed_version desc, k.computed_member_version desc
on conflict (user_id, project_id) do update set
  -- What was folded since it was read stays.
  last_activity = greatest(session_analytics.last_activity, excluded.last_activity),
  previous_activity = excluded.previous_activity,
  items_decided_since = excluded.items_decided_since,
  items_exploring = excluded.items_exploring,
  items_parked = excluded.items_parked,
  pending_questions = excluded.pending_questions,
  suggested_next_steps = excluded.suggested_next_steps,
  hidden_steps = excluded.hidden_steps,
  active_blockers = excluded.active_blockers,
  computed_version = excluded.computed_version,
  computed_member_version = excluded.computed_member_version,
  updated_at = excluded.updated_at
