-- What makes each socket's right to be: sign-in, person, membership; and where its project stands. One
-- row per socket, in the order given.
select
  m.role,
  m.version as member_version,
  c.version,
  u.is_active,
  u.password,
  exists (
    select from django_session d where d.session_key = s.session_key and d.expire_date > now()
  ) as has_session
from unnest(%(projects)s::uuid[], %(users)s::uuid[], %(sessions)s::text[])
  with ordinality as s (project_id, user_id, session_key, place)
left join memberships m on m.project_id = s.project_id and m.user_id = s.user_id
left join project_counters c on c.project_id = s.project_id
left join users u on u.id = s.user_id
order by s.place
