-- The tables of coming back: hand-offs, and who accepted which decision.
alter table hand_offs enable row level security;
alter table hand_offs force row level security;
create policy owner_all on hand_offs to current_user using (true) with check (true);
create policy of_my_projects on hand_offs
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table decision_looks enable row level security;
alter table decision_looks force row level security;
create policy owner_all on decision_looks to current_user using (true) with check (true);
create policy of_my_projects on decision_looks
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));
