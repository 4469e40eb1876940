-- The tables of tracked input and of presence, guarded like every table of a project.
alter table tracked_activities enable row level security;
alter table tracked_activities force row level security;
create policy owner_all on tracked_activities to current_user using (true) with check (true);
create policy of_my_projects on tracked_activities
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table project_digests enable row level security;
alter table project_digests force row level security;
create policy owner_all on project_digests to current_user using (true) with check (true);
create policy of_my_projects on project_digests
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table presences enable row level security;
alter table presences force row level security;
create policy owner_all on presences to current_user using (true) with check (true);
create policy of_my_projects on presences
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

-- Who is here need not survive a crash: it is said anew every few seconds.
alter table presences set unlogged;
