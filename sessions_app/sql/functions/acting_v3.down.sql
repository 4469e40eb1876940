create or replace function my_projects() returns setof uuid
  language sql stable security definer parallel safe set search_path = public, pg_temp
as $$
  select project_id from memberships m where m.user_id = acting_user() and acting_project() is null
  union all
  select project_id from memberships m
  where m.user_id = acting_user() and m.project_id = acting_project()
  union all
  select project_id from agent_tokens t
  where t.id = acting_agent_token()
    and t.revoked_at is null
    and (t.expires_at is null or t.expires_at > now())
  union all
  select unnest(acting_projects())
  union all
  select p.id from projects p where acting_admin()
$$;
