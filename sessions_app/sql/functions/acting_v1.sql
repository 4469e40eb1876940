-- Who acts in this transaction. Set by db/rls.py with set_config(…, true): the setting ends with the
-- transaction, so nothing leaks through a pooled connection. A setting that was set once on a
-- connection reads '' afterwards, one never set reads NULL: nullif makes both "nobody".
create function acting_user() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.user_id', true), '')::uuid;

create function acting_agent_token() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.agent_token_id', true), '')::uuid;

-- The system (worker, commands) acts for a named list of projects only.
create function acting_projects() returns uuid[] language sql stable parallel safe
  return coalesce(nullif(current_setting('app.projects', true), ''), '{}')::uuid[];

create function acting_admin() returns boolean language sql stable parallel safe
  return coalesce(nullif(current_setting('app.admin', true), ''), 'off') = 'on';

-- The projects whose rows this transaction may see. SECURITY DEFINER, because memberships and tokens
-- are themselves under policies that ask this function. Used as any(array(select my_projects())),
-- which the planner evaluates once per statement, not per row.
create function my_projects() returns setof uuid
  language sql stable security definer parallel safe set search_path = public, pg_temp
as $$
  select project_id from memberships m where m.user_id = acting_user()
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
