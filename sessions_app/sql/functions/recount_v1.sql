-- Set a project's counts to what there is. Triggers keep them right; this is for a database in which something
-- went round the triggers, such as a repair by hand. Returns whether they were wrong; then the version is
-- raised, because what all members see has changed. Only for the system and the admin.
create function recount_project(p_project uuid) returns boolean
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if not (acting_admin() or p_project = any(acting_projects())) then
    raise exception 'only the system may recount a project' using errcode = 'insufficient_privilege';
  end if;
  -- Nobody counts anything in this project meanwhile.
  perform lock_project(p_project);
  update project_counters c
  set exploring = n.exploring, decided = n.decided, parked = n.parked,
    questions_open = n.questions_open, blockers_open = n.blockers_open
  from (
    select count(*) filter (where i.state = 'exploring') as exploring,
      count(*) filter (where i.state = 'decided') as decided,
      count(*) filter (where i.state = 'parked') as parked,
      (select count(*) from questions q where q.project_id = p_project and q.status = 'open') as questions_open,
      (select count(*) from blockers b where b.project_id = p_project and b.status = 'open') as blockers_open
    from items i where i.project_id = p_project
  ) as n
  where c.project_id = p_project
    and (c.exploring, c.decided, c.parked, c.questions_open, c.blockers_open)
      <> (n.exploring, n.decided, n.parked, n.questions_open, n.blockers_open);
  if not found then
    return false;
  end if;
  perform raise_version(p_project);
  return true;
end
$$;
