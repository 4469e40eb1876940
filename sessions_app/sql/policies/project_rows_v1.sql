-- Default deny: a row of a project is there for whoever acts for that project, for nobody else. FORCEd,
-- so that the owner is bound too and passes by a policy of its own (migrations, SECURITY DEFINER
-- functions). The run-time role is not the owner, not a superuser and has no BYPASSRLS.
do $$
begin
  if not exists (select from pg_roles where rolname = 'sessions_runtime') then
    raise exception 'the role sessions_runtime is missing: run "manage.py create_roles" first';
  end if;
end
$$;

alter table projects enable row level security;
alter table projects force row level security;
create policy owner_all on projects to current_user using (true) with check (true);
create policy read_mine on projects for select using (id = any(array(select my_projects())));
create policy change_mine on projects for update
  using (id = any(array(select my_projects()))) with check (id = any(array(select my_projects())));
-- Whoever creates a project is its creator; the system names the new project's id beforehand.
create policy create_own on projects for insert
  with check (created_by_id = acting_user() or id = any(acting_projects()) or acting_admin());

alter table project_counters enable row level security;
alter table project_counters force row level security;
create policy owner_all on project_counters to current_user using (true) with check (true);
create policy of_my_projects on project_counters
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table memberships enable row level security;
alter table memberships force row level security;
create policy owner_all on memberships to current_user using (true) with check (true);
create policy of_my_projects on memberships
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table invitations enable row level security;
alter table invitations force row level security;
create policy owner_all on invitations to current_user using (true) with check (true);
create policy of_my_projects on invitations
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table agent_tokens enable row level security;
alter table agent_tokens force row level security;
create policy owner_all on agent_tokens to current_user using (true) with check (true);
create policy of_my_projects on agent_tokens
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table items enable row level security;
alter table items force row level security;
create policy owner_all on items to current_user using (true) with check (true);
create policy of_my_projects on items
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table item_dependencies enable row level security;
alter table item_dependencies force row level security;
create policy owner_all on item_dependencies to current_user using (true) with check (true);
create policy of_my_projects on item_dependencies
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table messages enable row level security;
alter table messages force row level security;
create policy owner_all on messages to current_user using (true) with check (true);
create policy of_my_projects on messages
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table questions enable row level security;
alter table questions force row level security;
create policy owner_all on questions to current_user using (true) with check (true);
create policy of_my_projects on questions
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table question_items enable row level security;
alter table question_items force row level security;
create policy owner_all on question_items to current_user using (true) with check (true);
create policy of_my_projects on question_items
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table blockers enable row level security;
alter table blockers force row level security;
create policy owner_all on blockers to current_user using (true) with check (true);
create policy of_my_projects on blockers
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table blocker_items enable row level security;
alter table blocker_items force row level security;
create policy owner_all on blocker_items to current_user using (true) with check (true);
create policy of_my_projects on blocker_items
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table activities enable row level security;
alter table activities force row level security;
create policy owner_all on activities to current_user using (true) with check (true);
create policy of_my_projects on activities
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table agent_activities enable row level security;
alter table agent_activities force row level security;
create policy owner_all on agent_activities to current_user using (true) with check (true);
create policy of_my_projects on agent_activities
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table seen_events enable row level security;
alter table seen_events force row level security;
create policy owner_all on seen_events to current_user using (true) with check (true);
create policy of_my_projects on seen_events
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table user_sessions enable row level security;
alter table user_sessions force row level security;
create policy owner_all on user_sessions to current_user using (true) with check (true);
create policy of_my_projects on user_sessions
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table session_analytics enable row level security;
alter table session_analytics force row level security;
create policy owner_all on session_analytics to current_user using (true) with check (true);
create policy of_my_projects on session_analytics
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table step_marks enable row level security;
alter table step_marks force row level security;
create policy owner_all on step_marks to current_user using (true) with check (true);
create policy of_my_projects on step_marks
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));
