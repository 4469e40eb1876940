-- The tables of the doors for programs.
alter table socket_tickets enable row level security;
alter table socket_tickets force row level security;
create policy owner_all on socket_tickets to current_user using (true) with check (true);
create policy of_my_projects on socket_tickets
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table webhooks enable row level security;
alter table webhooks force row level security;
create policy owner_all on webhooks to current_user using (true) with check (true);
create policy of_my_projects on webhooks
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table webhook_deliveries enable row level security;
alter table webhook_deliveries force row level security;
create policy owner_all on webhook_deliveries to current_user using (true) with check (true);
create policy of_my_projects on webhook_deliveries
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

-- An answer is told again to whoever got it, to nobody else. Who is not signed in yet has a name of
-- their own, which no person or agent can have.
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy owner_all on idempotency_keys to current_user using (true) with check (true);
create policy of_the_caller on idempotency_keys
  using (
    caller = 'user:' || acting_user()::text
    or caller = 'agent:' || acting_agent_token()::text
    or (caller like 'sign-in:%' and acting_user() is null and acting_agent_token() is null)
    or acting_admin()
  )
  with check (
    caller = 'user:' || acting_user()::text
    or caller = 'agent:' || acting_agent_token()::text
    or (caller like 'sign-in:%' and acting_user() is null and acting_agent_token() is null)
  );
