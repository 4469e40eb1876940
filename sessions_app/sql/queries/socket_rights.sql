-- What makes each socket's right to be: a browser's sign-in or a program's, person, membership, agent's
-- token. One row per socket, in the order given; what is not good (any more) is NULL. `mark` stands for all
-- of it: where it is the one already known, a single row of NULLs says that all is as it was.
with found as materialized (
  select
    s.place,
    m.role,
    m.version as member_version,
    u.is_active,
    u.password,
    exists (
      select from django_session d where d.session_key = s.session_key and d.expire_date > now()
    ) as has_session,
    i.auth_hash as sign_in_hash,
    t.scopes
  from unnest(
    %(projects)s::uuid[], %(users)s::uuid[], %(sessions)s::text[], %(sign_ins)s::uuid[],
    %(agent_tokens)s::uuid[]
  ) with ordinality as s (project_id, user_id, session_key, sign_in_id, agent_token_id, place)
  left join memberships m on m.project_id = s.project_id and m.user_id = s.user_id
  left join users u on u.id = s.user_id
  left join api_sign_ins i
    on i.id = s.sign_in_id and i.user_id = s.user_id and i.ended_at is null and i.expires_at > now()
  left join agent_tokens t
    on t.id = s.agent_token_id and t.project_id = s.project_id and t.revoked_at is null
    and (t.expires_at is null or t.expires_at > now())
),
whole as (
  select encode(sha256(convert_to(string_agg(found::text, E'\n' order by place), 'UTF8')), 'hex') as mark
  from found
)
select whole.mark, found.*
from whole left join found on whole.mark is distinct from %(known)s
order by found.place
