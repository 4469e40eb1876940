-- The checks, guarded like every table of a project. Triggers and claim_digests write them, nobody else.
alter table analytics_checks enable row level security;
alter table analytics_checks force row level security;
create policy owner_all on analytics_checks to current_user using (true) with check (true);
create policy of_my_projects on analytics_checks
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));
revoke insert, update, delete on analytics_checks from sessions_runtime;
