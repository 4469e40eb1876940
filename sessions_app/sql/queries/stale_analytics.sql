-- Members with an active session whose analytics row is of an older version (as claim_digests judges).
select s.user_id
from user_sessions s
join project_counters c on c.project_id = s.project_id
join memberships m on m.project_id = s.project_id and m.user_id = s.user_id
left join session_analytics y on y.project_id = s.project_id and y.user_id = s.user_id
where s.project_id = %(project)s and s.is_active
  and (y.computed_version is distinct from c.version
    or y.computed_member_version is distinct from m.version)
order by s.user_id
