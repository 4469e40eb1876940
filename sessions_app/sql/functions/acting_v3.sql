-- The projects whose rows this transaction may see (functions/acting_v1.sql says how policies ask it). Each table
-- of each statement asks it, and nearly always a person does, about one project: so only that is looked up which
-- whoever acts can have, where one query of them all begins and ends with each of its parts.
create or replace function my_projects() returns setof uuid
  language plpgsql stable security definer parallel safe set search_path = public, pg_temp
as $$
begin
  if acting_user() is not null then
    if acting_project() is null then
      return query select m.project_id from memberships m where m.user_id = acting_user();
    else
      return query
        select m.project_id from memberships m
        where m.user_id = acting_user() and m.project_id = acting_project();
    end if;
  end if;
  if acting_agent_token() is not null then
    return query
      select t.project_id from agent_tokens t
      where t.id = acting_agent_token()
        and t.revoked_at is null
        and (t.expires_at is null or t.expires_at > now());
  end if;
  if acting_projects() <> '{}' then
    return query select unnest(acting_projects());
  end if;
  if acting_admin() then
    return query select p.id from projects p;
  end if;
end
$$;
