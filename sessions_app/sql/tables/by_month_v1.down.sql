-- Each is one plain table again, as 0011 left it: all rows that are there are written anew, and nobody writes or
-- reads them meanwhile.
lock table tracked_activities, agent_activities, metric_samples in access exclusive mode;

create table tracked_activities_plain (like tracked_activities including all excluding indexes);
insert into tracked_activities_plain select * from tracked_activities;
select setval('tracked_activities_plain_id_seq', s.last_value, s.is_called) from tracked_activities_id_seq s;
drop table tracked_activities;
alter table tracked_activities_plain rename to tracked_activities;
alter sequence tracked_activities_plain_id_seq rename to tracked_activities_id_seq;
alter table tracked_activities
  add constraint tracked_activities_pkey primary key (id),
  add constraint tracked_activities_project_id_eed0f865_fk_projects_id
    foreign key (project_id) references projects (id) deferrable initially deferred,
  add constraint tracked_activities_user_id_337467c8_fk_users_id
    foreign key (user_id) references users (id) deferrable initially deferred;
create index tracked_activities_waiting on tracked_activities (project_id, user_id, id) where digested_at is null;
create index tracked_activities_feed on tracked_activities (project_id, received_at desc);
create unique index tracked_activities_id_received_at on tracked_activities (id, received_at);

create table agent_activities_plain (like agent_activities including all excluding indexes);
insert into agent_activities_plain select * from agent_activities;
drop table agent_activities;
alter table agent_activities_plain rename to agent_activities;
alter table agent_activities
  add constraint agent_activities_pkey primary key (id),
  add constraint agent_activities_agent_token_id_0549742f_fk_agent_tokens_id
    foreign key (agent_token_id) references agent_tokens (id) deferrable initially deferred,
  add constraint agent_activities_project_id_e3e3cb09_fk_projects_id
    foreign key (project_id) references projects (id) deferrable initially deferred;
create index agent_activities_waiting on agent_activities (project_id, received_at) where digested_version is null;
create index agent_activities_feed on agent_activities (project_id, received_at desc);
create index agent_activities_newest on agent_activities (received_at desc, id desc);
create index agent_activities_failed on agent_activities (received_at desc, id desc) where not failure = '';
create index agent_activities_agent_token_id_0549742f on agent_activities (agent_token_id);
create unique index agent_activities_id_received_at on agent_activities (id, received_at);

create table metric_samples_plain (like metric_samples including all excluding indexes);
insert into metric_samples_plain select * from metric_samples;
drop table metric_samples;
alter table metric_samples_plain rename to metric_samples;
alter table metric_samples
  add constraint metric_samples_pkey primary key (id),
  add constraint metric_samples_once unique (resolution, at, metric, labels);
create index metric_samples_of_metric on metric_samples (metric, resolution, at);
create unique index metric_samples_id_at on metric_samples (id, at);

do $$
declare
  one record;
  latest timestamptz;
begin
  for one in
    select * from (values
      ('tracked_activities', 'received_at'), ('agent_activities', 'received_at'), ('metric_samples', 'at')
    ) as t (name, at)
  loop
    execute format('select greatest(now(), max(%I)) from %I', one.at, one.name) into latest;
    execute format(
      'alter table %I add constraint %I check (%I < %L)', one.name, one.name || '_until', one.at,
      (date_trunc('month', latest at time zone 'UTC') + interval '2 months') at time zone 'UTC'
    );
  end loop;
end
$$;

alter table tracked_activities enable row level security;
alter table tracked_activities force row level security;
create policy owner_all on tracked_activities to current_user using (true) with check (true);
create policy of_my_projects on tracked_activities
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));

alter table agent_activities enable row level security;
alter table agent_activities force row level security;
create policy owner_all on agent_activities to current_user using (true) with check (true);
create policy of_my_projects on agent_activities
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())));
