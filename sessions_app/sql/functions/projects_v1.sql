-- Delete a project with all that belongs to it, ledger included: the one way a ledger row ends.
-- Only for an owner, the admin, or the system acting for this project.
create function erase_project(p_project uuid) returns void
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if not (
    acting_admin()
    or p_project = any(acting_projects())
    or exists (
      select from memberships m
      where m.project_id = p_project and m.user_id = acting_user() and m.role = 'owner'
    )
  ) then
    raise exception 'only an owner may delete a project' using errcode = 'insufficient_privilege';
  end if;
  -- Memberships before the project, as everywhere: whoever acts here now finishes first.
  perform from memberships m where m.project_id = p_project order by m.id for update;
  perform lock_project(p_project);
  delete from step_marks where project_id = p_project;
  delete from session_analytics where project_id = p_project;
  delete from user_sessions where project_id = p_project;
  delete from seen_events where project_id = p_project;
  delete from agent_activities where project_id = p_project;
  delete from activities where project_id = p_project;
  delete from blocker_items where project_id = p_project;
  delete from blockers where project_id = p_project;
  delete from question_items where project_id = p_project;
  delete from questions where project_id = p_project;
  delete from messages where project_id = p_project;
  delete from item_dependencies where project_id = p_project;
  delete from items where project_id = p_project;
  delete from agent_tokens where project_id = p_project;
  delete from invitations where project_id = p_project;
  -- Before the memberships: while the counter row stands, a project needs an owner.
  delete from project_counters where project_id = p_project;
  delete from memberships where project_id = p_project;
  delete from projects where id = p_project;
end
$$;

-- What an invitation's link leads to, for somebody who is not a member yet: found by the hash of its
-- secret and by nothing else.
create function find_invitation(p_token_hash text)
  returns table (
    invitation_id uuid, project_id uuid, project_title text, role text, invited_by text, is_open boolean
  )
  language sql stable security definer set search_path = public, pg_temp
as $$
  select i.id, i.project_id, p.title, i.role, u.display_name,
    i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
  from invitations i
  join projects p on p.id = i.project_id
  join users u on u.id = i.invited_by_id
  where i.token_hash = p_token_hash
$$;

-- Join by an invitation: marks it used and makes the acting user a member, both or neither. Zero rows
-- when it is used, revoked or over. Whoever is a member already keeps the role they have.
create function accept_invitation(p_token_hash text)
  returns table (project_id uuid, joined boolean)
  language plpgsql security definer set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
  invitation invitations%rowtype;
  made uuid;
begin
  if acting_user() is null then
    raise exception 'nobody acts here' using errcode = 'insufficient_privilege';
  end if;
  select i.* into invitation from invitations i
  where i.token_hash = p_token_hash
    and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
  for no key update;
  if not found then
    return;
  end if;
  insert into memberships (id, project_id, user_id, role, version, created_at)
  values (gen_random_uuid(), invitation.project_id, acting_user(), invitation.role, 0, now())
  on conflict (project_id, user_id) do nothing
  returning id into made;
  if made is not null then
    update invitations i set accepted_at = now(), accepted_by_id = acting_user() where i.id = invitation.id;
  end if;
  return query select invitation.project_id, made is not null;
end
$$;
