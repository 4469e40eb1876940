-- Members of a project with an active session whose analytics row is of an older version than their project or their
-- membership is at: the one rule of whose are stale. It becomes a part of the plan of whoever asks.
create function stale_members(p_project uuid) returns setof uuid
  language sql stable
as $$
  select s.user_id
  from user_sessions s
  join project_counters c on c.project_id = s.project_id
  join memberships m on m.project_id = s.project_id and m.user_id = s.user_id
  left join session_analytics y on y.project_id = s.project_id and y.user_id = s.user_id
  where s.project_id = p_project and s.is_active
    and (y.computed_version is distinct from c.version
      or y.computed_member_version is distinct from m.version)
$$;
