-- The one project that a person's transaction is about; NULL: it may be about any of theirs. It only narrows
-- what they see: a policy asks for all of somebody's projects once for each table of a statement, and somebody
-- may be in ten thousand.
create function acting_project() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.project_id', true), '')::uuid;

-- The projects whose rows this transaction may see (functions/acting_v1.sql says how policies ask it).
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
