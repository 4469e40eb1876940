-- For each of many askers at once: what the answer to them hangs on (answer_state), by their place in the
-- list. Not row by row of an order that nobody promised.
select
  a.place,
  answer_state(
    a.user_id, a.project_id, a.sign_in_id, a.session_key, a.with_analytics,
    case when a.shows_presence then make_interval(secs => %(within)s) end, a.opened_at, make_interval(mins => %(idle_minutes)s)
  )
from unnest(
  %(users)s::uuid[], %(projects)s::uuid[], %(sign_ins)s::uuid[], %(sessions)s::text[],
  %(with_analytics)s::boolean[], %(shows_presence)s::boolean[], %(opened_at)s::timestamptz[]
) with ordinality as a (
  user_id, project_id, sign_in_id, session_key, with_analytics, shows_presence, opened_at, place
)
