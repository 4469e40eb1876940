-- The roll-ups and what was refused at the intake, guarded like every table of a project.
alter table session_rollups enable row level security;
alter table session_rollups force row level security;
create policy owner_all on session_rollups to current_user using (true) with check (true);
create policy of_my_projects on session_rollups
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table work_rollups enable row level security;
alter table work_rollups force row level security;
create policy owner_all on work_rollups to current_user using (true) with check (true);
create policy of_my_projects on work_rollups
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table decision_lives enable row level security;
alter table decision_lives force row level security;
create policy owner_all on decision_lives to current_user using (true) with check (true);
create policy of_my_projects on decision_lives
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table rollup_fills enable row level security;
alter table rollup_fills force row level security;
create policy owner_all on rollup_fills to current_user using (true) with check (true);
create policy of_my_projects on rollup_fills
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table intake_refusals enable row level security;
alter table intake_refusals force row level security;
create policy owner_all on intake_refusals to current_user using (true) with check (true);
create policy of_my_projects on intake_refusals
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));
