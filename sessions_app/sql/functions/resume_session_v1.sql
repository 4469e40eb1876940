-- Extend the active session if it is not idle since `p_limit`, and return it; no row: there is none.
--
-- The membership is locked before the session's row, as in a start or an end: the other way round the two would
-- wait for each other. An end that races with it wins: this then finds none active.
create function resume_session(p_user uuid, p_project uuid, p_now timestamptz, p_limit timestamptz)
  returns setof user_sessions
  language sql
as $$
  with me as materialized (
    select m.project_id from memberships m
    where m.user_id = p_user and m.project_id = p_project
    for no key update
  )
  update user_sessions s
  set
    last_activity = greatest(s.last_activity, p_now),
    -- Whoever waited for the row read the counter before that wait: never take a version back.
    end_version = greatest(s.end_version, c.version),
    updated_at = p_now
  from me
  join project_counters c on c.project_id = me.project_id
  where s.project_id = me.project_id and s.is_active
    and s.user_id = p_user and s.project_id = p_project and s.last_activity > p_limit
  returning s.*
$$;
